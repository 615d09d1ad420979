"""Into the app and out of it, in a real browser."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser.conftest import PASSWORD, Owner, be_live, sign_in
from tests.e2e.browser.keyboard import Keyboard

pytestmark = pytest.mark.stack


async def test_somebody_signs_in_sees_the_board_and_signs_out_by_keys_alone(page: Page, owner: Owner) -> None:
    keys = Keyboard(page)
    await page.goto("/sign-in")
    await keys.write(page.get_by_label("E-mail"), owner.email)
    await keys.write(page.get_by_label("Password", exact=True), PASSWORD)
    await keys.press("Enter")
    await be_live(page)
    await expect(page).to_have_title("Incidents · SRE Copilot")
    await page.reload()
    await be_live(page)

    await keys.choose(page.get_by_role("button", name="Olga Owner"))
    await keys.pick(page.get_by_role("menuitem", name="Sign out"))
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert [cookie["name"] for cookie in await page.context.cookies()] == []


async def test_a_wrong_password_is_told_in_words(page: Page, owner: Owner) -> None:
    await page.goto("/settings?tab=people")
    await page.get_by_label("E-mail").fill(owner.email)
    await page.get_by_label("Password", exact=True).fill("not the password")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()

    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("tab", name="People", selected=True)).to_be_visible()


async def test_no_script_of_the_page_can_read_the_session(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    assert await page.evaluate("document.cookie") == ""
    stored = await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "eyJ" not in stored
