"""No page has what axe, the accessibility checker, can find."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, expect

from scripts import frontend
from scripts.scene import Scene, set_scene
from tests.e2e.browser.accessibility import DESKTOP, violations, violations_everywhere
from tests.e2e.browser.conftest import PASSWORD, register, sign_in, window

pytestmark = pytest.mark.stack

SIGNED_OUT: Final = (
    "/sign-in",
    "/register",
    "/forgot-password",
    "/accept-invitation",
    "/accept-invitation#token=t",
    "/reset-password",
    "/reset-password#token=t",
)
INCIDENT: Final = "/incidents/$id"
SIGNED_IN: Final = (
    "/",
    "/?scope=all&q=checkout",
    "/?q=nothing-like-it",
    INCIDENT,
    *(f"{INCIDENT}?tab={tab}" for tab in ("timeline", "alerts", "evidence", "postmortem")),
    "/services",
    "/services/map",
    "/integrations",
    "/maintenance",
    *(f"/analytics?tab={tab}" for tab in ("incidents", "ai", "accuracy")),
    *(f"/audit?tab={tab}" for tab in ("entries", "stats", "verify")),
    *(f"/settings?tab={tab}" for tab in ("project", "people", "keys", "channels", "organisation")),
    "/account",
)
# What opens over a page, by the name of its button.
OPENED: Final = (
    ("/", "Severity"),
    ("/", "Saved views"),
    ("/", "Keyboard shortcuts"),
    ("/", "New incident"),
    (INCIDENT, "More actions"),
    (INCIDENT, "Other state changes"),
    (f"{INCIDENT}?tab=evidence", "Add evidence"),
    ("/services", "Add service"),
    ("/integrations", "Add integration"),
    ("/maintenance", "Schedule maintenance"),
    ("/settings?tab=people", "Invite person"),
    ("/settings?tab=keys", "Create API key"),
    ("/settings?tab=channels", "Add channel"),
    ("/settings?tab=organisation", "Place on hold"),
    ("/settings?tab=organisation", "New project"),
)


@pytest.fixture(scope="module")
async def inhabited(stack: dict[str, Any], browser: Browser, app: str) -> AsyncIterator[tuple[Page, Scene]]:
    """A window of somebody whose tenant has something on every page."""
    with register(stack["api"]) as owner:
        given = {"email": owner.email, "password": PASSWORD, "ingest_token": owner.ingest_token}
        scene = await asyncio.to_thread(set_scene, {**given, "api": stack["api"]})
        view = {"name": "Severe", "filters": {"severity": ["critical"]}}
        owner.api.post("saved-views", json=view).raise_for_status()
        # The policy forbids what axe is injected by.
        async with window(browser, app, bypass_csp=True) as page:
            await sign_in(page, owner)
            yield page, scene


def test_every_page_is_looked_at() -> None:
    routes = {
        path
        for file in (frontend.FOLDER / "src/features").glob("*/routes.ts")
        for path in re.findall(r"path: '([^']+)'", file.read_text())
    }
    assert routes == {re.split("[?#]", path)[0] for path in (*SIGNED_OUT, *SIGNED_IN)}


async def test_the_pages_for_anybody_keep_nobody_out(browser: Browser, app: str) -> None:
    found = []
    async with window(browser, app, bypass_csp=True) as page:
        for path in SIGNED_OUT:
            await page.goto("about:blank")  # a path that differs by its fragment alone would be the same page
            await page.goto(path)
            found += await violations_everywhere(page)
    assert found == []


@pytest.mark.parametrize("path", SIGNED_IN)
async def test_a_page_keeps_nobody_out(inhabited: tuple[Page, Scene], path: str) -> None:
    page, scene = inhabited
    await page.goto(path.replace("$id", scene.investigated))
    assert await violations_everywhere(page) == []
    assert await page.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize(("path", "button"), OPENED)
async def test_what_opens_over_a_page_keeps_nobody_out(inhabited: tuple[Page, Scene], path: str, button: str) -> None:
    page, scene = inhabited
    await page.set_viewport_size(DESKTOP)
    await page.goto(path.replace("$id", scene.investigated))
    await page.get_by_role("button", name=button, exact=True).first.click()
    await expect(page.locator("[role=menu], [role=dialog]").first).to_be_visible()
    assert await violations(page) == []


async def test_what_a_page_says_for_a_moment_keeps_nobody_out(inhabited: tuple[Page, Scene]) -> None:
    page, _ = inhabited
    await page.goto("/settings?tab=project")
    name = page.get_by_label("Project name")
    await name.fill(f"{await name.input_value()} & Co.")
    await page.get_by_role("button", name="Rename").click()
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert await violations(page) == []
