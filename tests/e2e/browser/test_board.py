"""The board of incidents as responders use it."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.browser.conftest import Owner, sign_in

pytestmark = pytest.mark.stack


def incident(owner: Owner, title: str, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = owner.api.post("incidents", json={"title": title, **fields}).raise_for_status().json()
    return made


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=title)


async def test_the_keyboard_alone_moves_selects_acknowledges_and_opens(page: Page, owner: Owner) -> None:
    for number in range(3):
        incident(owner, f"Incident {number}")
    await sign_in(page, owner)
    await expect(page.get_by_role("row")).to_have_count(4)

    await page.keyboard.press("j")
    await expect(page.get_by_role("link", name="Incident 2")).to_be_focused()
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.get_by_role("toolbar", name="2 selected")).to_be_visible()
    await page.keyboard.press("a")
    await expect(page.get_by_text("Acknowledging 2 incidents")).to_be_visible()
    await expect(row(page, "Incident 2")).to_contain_text("Acknowledged")
    await page.keyboard.press("z")
    await expect(row(page, "Incident 2")).to_contain_text("Detected")
    assert {one["state"] for one in owner.api.get("incidents").json()["items"]} == {"detected"}

    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("Incident 0")
    await expect(page.get_by_role("row")).to_have_count(2)
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("a")
    await expect(row(page, "Incident 0")).to_contain_text("Acknowledged")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/incidents/*")


async def test_filters_are_in_the_address_and_can_be_saved_as_a_view(page: Page, owner: Owner) -> None:
    incident(owner, "Checkout is slow", severity="high")
    incident(owner, "Report is late", severity="low")
    await sign_in(page, owner)

    await page.get_by_role("button", name="Severity").click()
    await page.get_by_role("menuitemcheckbox", name="High").click()
    await expect(page.get_by_role("row")).to_have_count(2)
    assert "severity=high" in page.url
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Save view").click()
    await page.get_by_label("View name").fill("Only high")
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.get_by_role("link", name="Open", exact=True).click()
    await expect(page.get_by_role("row")).to_have_count(3)
    await page.get_by_role("button", name="Saved views").click()
    await page.get_by_role("menuitem", name="Only high", exact=True).click()
    await expect(row(page, "Report is late")).to_have_count(0)
    await page.reload()
    await expect(row(page, "Checkout is slow")).to_be_visible()
    await expect(row(page, "Report is late")).to_have_count(0)


async def test_a_search_marks_what_it_found_and_shows_markup_as_text(page: Page, owner: Owner) -> None:
    incident(owner, "<img src=x onerror=alert(1)> pool is exhausted")
    incident(owner, "Nothing of the kind")
    await sign_in(page, owner)
    await page.get_by_role("searchbox").fill("pool")
    await expect(page.locator("mark")).to_have_text(["pool"])
    await expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert await page.locator("main img").count() == 0


async def test_an_incident_that_no_alert_told_of_is_opened_from_the_board(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.get_by_role("button", name="New incident").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Create incident").click()
    await expect(dialog.get_by_text("Required")).to_be_visible()

    await dialog.get_by_label("Title").fill("Customers cannot pay")
    await dialog.get_by_role("combobox", name="Severity").click()
    await page.get_by_role("option", name="Critical").click()
    await dialog.get_by_label("Service").fill("checkout")
    await dialog.get_by_label("Description").fill("Three calls since noon.")
    await dialog.get_by_role("button", name="Create incident").click()

    await expect(page.get_by_role("heading", name="Customers cannot pay", level=1)).to_be_visible()
    (made,) = owner.incidents()
    told = owner.api.get(f"incidents/{made['id']}").raise_for_status().json()
    assert (told["severity"], told["service_name"], told["description"]) == (
        "critical",
        "checkout",
        "Three calls since noon.",
    )


async def test_what_was_one_call_too_many_is_done_a_moment_later(page: Page, owner: Owner) -> None:
    incident(owner, "Checkout is slow")
    await sign_in(page, owner)
    refused: list[str] = []

    async def refuse_once(route: Route) -> None:
        if refused:
            await route.continue_()
            return
        refused.append(route.request.url)
        kind = {"Retry-After": "1", "Content-Type": "application/problem+json"}
        await route.fulfill(status=429, headers=kind, body='{"title": "Too many requests."}')

    await page.route("**/transitions", refuse_once)
    await row(page, "Checkout is slow").hover()
    async with page.expect_response(lambda answer: answer.url.endswith("/transitions") and answer.ok):
        await page.get_by_role("button", name="Acknowledge INC-1").click()
    assert (len(refused), owner.incidents()[0]["state"]) == (1, "acknowledged")
