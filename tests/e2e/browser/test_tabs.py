"""Tabs of one browser share who is signed in, and where: none shows what belongs to somebody or somewhere else."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser.conftest import Owner, be_live, sign_in

pytestmark = pytest.mark.stack


async def second_tab(page: Page) -> Page:
    """Another tab of the same browser, on a page of its own."""
    tab = await page.context.new_page()
    await tab.goto("/maintenance")
    await be_live(tab)
    return tab


async def test_a_switch_of_project_in_one_tab_takes_the_others_along(page: Page, owner: Owner) -> None:
    owner.fire()
    owner.api.post("projects", json={"name": "Bank"}).raise_for_status()
    await sign_in(page, owner)
    other = await second_tab(page)

    await page.goto("/account")
    await page.get_by_role("listitem").filter(has_text="Bank").get_by_role("button", name="Open").click()
    await expect(page.get_by_role("heading", name="All quiet")).to_be_visible()

    await expect(other.get_by_text("You switched projects in another tab.")).to_be_visible()
    await expect(other.get_by_role("heading", name="All quiet")).to_be_visible()
    await expect(other.locator("aside").get_by_text("Bank")).to_be_visible()
    await be_live(other)
    assert other.url.removesuffix("/") == page.url.removesuffix("/")


async def test_signing_out_in_one_tab_signs_the_others_out(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    other = await second_tab(page)
    # Sooner or later the API would refuse it; the other tab is to say so without asking.
    await other.route("**/api/**", lambda route: route.abort())

    await page.get_by_role("button", name="Olga Owner").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    await expect(other.get_by_text("Your session has ended.")).to_be_visible()
    await other.unroute_all()
    await sign_in(other, owner)
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_signing_in_again_in_one_tab_lets_the_others_go_on_writing(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    other = await second_tab(page)
    async with other.expect_request("**/api/auth/me") as asked:
        await sign_in(page, owner)
    await (await asked.value).response()

    await other.get_by_role("link", name="Incidents", exact=True).click()
    await other.get_by_role("button", name="New incident").click()
    dialog = other.get_by_role("dialog")
    await dialog.get_by_label("Title").fill("Checkout is slow")
    await dialog.get_by_role("button", name="Create").click()
    await expect(other.get_by_role("heading", name="Checkout is slow", level=1)).to_be_visible()
