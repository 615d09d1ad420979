"""A tenant that takes sealed requests only: people notice nothing, and nothing of theirs travels plain."""

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Response, expect

from tests.e2e.browser.conftest import Owner, be_live, sign_in

pytestmark = pytest.mark.stack

# What nobody needs a session for may always be plain.
PLAIN = ("/api/auth/login", "/api/auth/refresh", "/api/.well-known/jwks.json")


@dataclass
class Traffic:
    """What went between a page and the API."""

    plain: list[str] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("response", self._take)

    def _take(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if not path.startswith("/api/") or path in PLAIN:
            return
        sent = response.request.headers
        is_sealed = sent.get("content-type") == "application/jose" or "sealed-request" in sent
        (self.sealed if is_sealed else self.plain).append(f"{response.request.method} {path} {response.status}")


async def test_the_app_works_as_ever_and_seals_all_that_it_sends(page: Page, owner: Owner) -> None:
    owner.fire()
    owner.api.patch("tenant", json={"encryption_required": True}).raise_for_status()
    assert owner.api.get("incidents").status_code == HTTPStatus.FORBIDDEN
    traffic = Traffic()
    traffic.watch(page)
    await sign_in(page, owner)
    row = page.get_by_role("row").last
    await row.hover()
    await page.get_by_role("button", name="Acknowledge INC-1").click()
    await expect(page.locator('[role="row"][data-state="acknowledged"]')).to_be_visible()
    # Two of its first requests may be under way before one of them is refused.
    refused = list(traffic.plain)
    assert refused
    assert all(one.endswith("403") for one in refused)

    await page.get_by_role("searchbox").fill('"5xx ratio" -ünlikely & more/less?')
    await expect(page.get_by_role("heading", name="No matching incidents")).to_be_visible()
    owner.fire("Another", service="cart")
    await page.get_by_role("searchbox").fill("")
    await expect(page.locator("[data-incident]")).to_have_count(2)
    assert traffic.plain == refused
    assert any(one.startswith("POST") and one.endswith("/transitions 200") for one in traffic.sealed)

    await page.reload()
    await be_live(page)
    await page.goto("/audit")
    await page.get_by_role("button", name="Export").click()
    async with page.expect_download() as saved:
        await page.get_by_role("menuitem", name="Changes as CSV").click()
    assert "incident.created" in (await (await saved.value).path()).read_text()


async def test_an_owner_requires_it_and_does_so_no_longer(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/settings?tab=organisation")
    sealed = page.get_by_role("region", name="Sealed requests")
    await sealed.get_by_role("button", name="Require sealed requests").click()
    await page.get_by_role("button", name="Confirm").click()
    await expect(sealed.get_by_text("This app seals its own requests")).to_be_visible()
    assert owner.api.get("incidents").status_code == HTTPStatus.FORBIDDEN

    await sealed.get_by_role("button", name="Stop requiring sealed requests").click()
    await page.get_by_role("button", name="Confirm").click()
    await expect(sealed.get_by_text("Optional")).to_be_visible()
    assert owner.api.get("incidents").status_code == HTTPStatus.OK
