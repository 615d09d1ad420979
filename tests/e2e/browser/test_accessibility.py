"""No page has what axe, the accessibility checker, can find."""

import pytest
from playwright.async_api import Browser

from tests.e2e.browser.accessibility import violations
from tests.e2e.browser.conftest import Owner, sign_in, window

pytestmark = pytest.mark.stack

SIGNED_OUT = ["/sign-in", "/register", "/forgot-password", "/accept-invitation#token=t", "/reset-password#token=t"]
SIGNED_IN = ["/", "/?scope=all&q=disk", "/account"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1360, "height": 860}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_no_page_keeps_anybody_out(
    browser: Browser, app: str, owner: Owner, scheme: str, size: dict[str, int]
) -> None:
    owner.api.post("incidents", json={"title": "Disk is full", "severity": "critical"}).raise_for_status()
    found: list[str] = []
    # The policy forbids what axe is injected by.
    async with window(browser, app, color_scheme=scheme, viewport=size, bypass_csp=True) as page:
        for path in SIGNED_OUT:
            await page.goto(path)
            await page.get_by_role("heading", level=1).wait_for()
            found += await violations(page)
        await sign_in(page, owner)
        for path in SIGNED_IN:
            await page.goto(path)
            await page.get_by_role("heading", level=1).wait_for()
            await page.wait_for_load_state("networkidle")
            found += await violations(page)
    assert found == []
