"""What keys alone can do, and where the focus is afterwards."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser.conftest import Owner, sign_in
from tests.e2e.browser.keyboard import Keyboard

pytestmark = pytest.mark.stack

DIALOGS = {
    "/": "New incident",
    "/integrations": "Add integration",
    "/services": "Add service",
    "/maintenance": "Schedule maintenance",
    "/settings?tab=people": "Invite person",
    "/settings?tab=keys": "Create API key",
    "/settings?tab=channels": "Add channel",
    "/settings?tab=organisation": "New project",
}


async def test_the_focus_goes_to_the_page_that_is_opened(page: Page, owner: Owner) -> None:
    keys = Keyboard(page)
    await sign_in(page, owner)
    await keys.choose(page.get_by_role("link", name="Skip to content"))
    await keys.expect_focus(page.get_by_role("main"))
    await keys.choose(page.get_by_role("link", name="Analytics"))
    await expect(page.get_by_role("heading", name="Analytics", level=1)).to_be_visible()
    await keys.expect_focus(page.get_by_role("main"))


async def test_a_dialog_takes_the_focus_and_gives_it_back(page: Page, owner: Owner) -> None:
    keys = Keyboard(page)
    await sign_in(page, owner)
    for path, name in DIALOGS.items():
        await page.goto(path)
        opener = page.get_by_role("button", name=name).first
        await keys.choose(opener)
        dialog = page.get_by_role("dialog")
        await keys.expect_focus_within(dialog)
        await keys.dismiss(dialog)
        await keys.expect_focus(opener)


async def test_what_a_menu_opened_gives_the_focus_back_to_what_opened_the_menu(page: Page, owner: Owner) -> None:
    keys = Keyboard(page)
    owner.fire()
    (incident,) = owner.incidents()
    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['id']}")
    more = page.get_by_role("button", name="More actions")
    for name in ("Edit", "Link to another incident", "Merge into another incident"):
        await keys.choose(more)
        await keys.pick(page.get_by_role("menuitem", name=name, exact=True))
        dialog = page.get_by_role("dialog")
        await keys.expect_focus_within(dialog)
        await keys.choose(dialog.get_by_role("button", name="Cancel"))
        await keys.expect_focus(more)


async def test_a_filter_is_chosen_from_its_menu(page: Page, owner: Owner) -> None:
    keys = Keyboard(page)
    owner.fire()
    await sign_in(page, owner)
    severity = page.get_by_role("button", name="Severity")
    await keys.choose(severity)
    await keys.pick(page.get_by_role("menuitemcheckbox", name="Critical", exact=True))
    await expect(page).to_have_url("/?severity=critical")
    await keys.dismiss(page.get_by_role("menu"))
    await keys.expect_focus(page.get_by_role("button", name="Severity: Critical"))
