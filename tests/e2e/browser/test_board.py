"""The board of incidents as responders use it."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from scripts.devstack.demo_tenant import bearer, sample_notification
from tests.e2e.browser.conftest import Owner, sign_in, window

pytestmark = pytest.mark.stack

LIVE = 2.0  # seconds from the webhook's answer until the incident is in the page
MANY = 400  # incidents; enough for several pages of the list


def alert(owner: Owner) -> None:
    notification = sample_notification(datetime.now(UTC))
    owner.api.post("webhooks/alertmanager", json=notification, headers=bearer(owner.ingest_token)).raise_for_status()


def incident(owner: Owner, title: str, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = owner.api.post("incidents", json={"title": title, **fields}).raise_for_status().json()
    return made


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=title)


async def test_an_incident_appears_without_reload_within_two_seconds(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await expect(page.get_by_text("All quiet")).to_be_visible()

    alert(owner)
    began = time.monotonic()
    await row(page, "checkout").wait_for()
    assert time.monotonic() - began < LIVE


async def test_what_one_does_the_other_sees_and_strangers_see_nothing(
    page: Page, browser: Browser, app: str, owner: Owner, stranger: Owner
) -> None:
    incident(owner, "Disk of db-1 is full", severity="critical")
    await sign_in(page, owner)
    async with window(browser, app) as other, window(browser, app) as foreign:
        await sign_in(other, owner)
        await sign_in(foreign, stranger)
        await row(page, "Disk of db-1").hover()
        await page.get_by_role("button", name="Acknowledge INC-1").click()
        await expect(row(other, "Disk of db-1")).to_contain_text("Acknowledged")
        await expect(foreign.get_by_text("All quiet")).to_be_visible()


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
    await page.get_by_role("button", name="Undo").click()
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
    await page.get_by_label("Name of the view").fill("Only high")
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.get_by_role("link", name="Open", exact=True).click()
    await expect(page.get_by_role("row")).to_have_count(3)
    await page.get_by_role("button", name="Saved views").click()
    await page.get_by_role("menuitem", name="Only high").click()
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


async def test_many_incidents_scroll_and_only_those_in_sight_are_in_the_page(page: Page, owner: Owner) -> None:
    wanted = {"kind": "generic", "name": "many"}
    token = owner.api.post("integrations", json=wanted).raise_for_status().json()["token"]
    alerts = [{"name": f"Incident{number}", "title": f"Incident {number}"} for number in range(MANY)]
    owner.api.post("webhooks/alerts", json=alerts, headers=bearer(token)).raise_for_status()
    await sign_in(page, owner)
    for seen in (100, 200, 300, MANY):
        await page.get_by_role("status").filter(has_text=f"{seen} ").wait_for()
        assert await page.get_by_role("row").count() < 60
        await page.locator('[role="rowgroup"]').nth(1).evaluate("body => body.scrollTo(0, body.scrollHeight)")
    await expect(page.get_by_role("row").last).to_be_in_viewport()


async def test_a_viewer_is_offered_nothing_that_they_may_not_do(
    page: Page, browser: Browser, app: str, owner: Owner
) -> None:
    incident(owner, "Disk of db-1 is full")
    invited = {"email": f"viewer-{owner.email}", "role": "viewer"}
    token = owner.api.post("invitations", json=invited).raise_for_status().json()["token"]
    async with window(browser, app) as theirs:
        await theirs.goto(f"/accept-invitation#token={token}")
        await theirs.get_by_label("Your name").fill("Vera Viewer")
        await theirs.get_by_label("New password").fill("a password nobody guesses")
        await theirs.get_by_role("button", name="Join").click()
        await row(theirs, "Disk of db-1").hover()
        await expect(theirs.get_by_role("checkbox")).to_have_count(0)
        await expect(theirs.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await expect(theirs.get_by_role("link", name="Audit")).to_have_count(0)
