"""What one does, another sees at once; nobody sees another tenant's; nothing is missed while the connection is down."""

import time

import pytest
from playwright.async_api import Locator, Page, WebSocket, expect

from tests.e2e.browser.conftest import PATIENCE, Owner, be_live, sign_in
from tests.figures import Figures
from tests.live_events import LiveEvents

pytestmark = pytest.mark.stack

MAX_SECONDS = 10  # from an alert to its incident on a screen; under 2 where nothing else runs
MARK = "window.sreMark = 'the same document'"
BE_SEEN = """
(seen) => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (seen ? 'visible' : 'hidden') })
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
}
"""


def rows(page: Page) -> Locator:
    return page.locator("[data-incident]")


async def expect_rows(page: Page, *titles: str) -> None:
    """The board shows these incidents and no other, newest first."""
    await expect(rows(page)).to_have_text(list(titles), timeout=PATIENCE)


async def test_an_incident_appears_without_a_reload(page: Page, owner: Owner, figures: Figures) -> None:
    await sign_in(page, owner)
    await expect(page.get_by_role("heading", name="All quiet")).to_be_visible()
    await page.evaluate(MARK)
    began = time.monotonic()
    owner.fire()
    await rows(page).first.wait_for()
    seconds = time.monotonic() - began
    figures["alert to incident on the screen, s"] = seconds
    assert seconds < MAX_SECONDS
    assert await page.evaluate("window.sreMark") == "the same document"


async def test_what_one_browser_changes_the_other_shows(page: Page, other_page: Page, owner: Owner) -> None:
    for window in (page, other_page):
        await sign_in(window, owner)
    owner.fire()
    for window in (page, other_page):
        await rows(window).first.wait_for()
    await page.get_by_role("row").last.hover()
    await page.get_by_role("button", name="Acknowledge INC-1").click()
    await expect(other_page.locator('[role="row"][data-state="acknowledged"]')).to_be_visible()
    await other_page.get_by_role("link", name="Unassigned").click()
    owner.api.patch(f"incidents/{owner.incidents()[0]['id']}", json={"title": "Renamed meanwhile"}).raise_for_status()
    for window in (page, other_page):
        await expect(rows(window).first).to_have_text("Renamed meanwhile")


async def test_a_tab_that_nobody_sees_asks_for_nothing_until_it_is_seen(
    page: Page, other_page: Page, owner: Owner
) -> None:
    for window in (page, other_page):
        await sign_in(window, owner)
    await page.evaluate(BE_SEEN, arg=False)
    for number, name in enumerate(("First", "Second"), start=1):
        owner.fire(name, service=name.lower())
        await expect(rows(other_page)).to_have_count(number)
    await expect(rows(page)).to_have_count(0)
    await page.evaluate(BE_SEEN, arg=True)
    await expect(rows(page)).to_have_count(2)


async def test_no_tenant_sees_another_s_incidents(page: Page, other_page: Page, owner: Owner, stranger: Owner) -> None:
    overheard = listen_to(other_page)
    await sign_in(page, owner)
    await sign_in(other_page, stranger)
    owner.fire("OnlyOfTheOwner")
    await rows(page).first.wait_for()
    stranger.fire("OnlyOfTheStranger")
    await rows(other_page).first.wait_for()
    (theirs,) = owner.incidents()
    (own,) = stranger.incidents()
    assert [await one.get_attribute("data-incident") for one in await rows(other_page).all()] == [own["id"]]
    assert [await one.get_attribute("data-incident") for one in await rows(page).all()] == [theirs["id"]]
    assert any(own["id"] in message for message in overheard)
    assert not any(theirs["id"] in message or "OnlyOfTheOwner" in message for message in overheard)

    await other_page.goto(f"/incidents/{theirs['id']}")
    await expect(other_page.get_by_role("heading", name="Incident not found")).to_be_visible()
    await expect(other_page.get_by_text("OnlyOfTheOwner")).to_have_count(0)


def listen_to(page: Page) -> list[str]:
    """All that live connections of a page bring in."""
    heard: list[str] = []

    def take(payload: str | bytes) -> None:
        heard.append(payload if isinstance(payload, str) else payload.decode())

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", take)

    page.on("websocket", watch)
    return heard


async def test_an_incident_that_opens_elsewhere_is_told_and_leads_there(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.get_by_role("link", name="Maintenance").click()
    await expect(page.get_by_role("heading", name="Maintenance", level=1)).to_be_visible()
    owner.api.post("incidents", json={"title": "Disk is full", "severity": "critical"}).raise_for_status()

    told = page.get_by_role("alert").filter(has_text="Disk is full")
    await expect(told).to_contain_text("Critical incident opened")
    await told.get_by_role("link", name="View incident").click()
    await page.wait_for_url("**/incidents/*")


async def test_what_happens_elsewhere_is_gathered_in_few_messages(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.get_by_role("link", name="Maintenance").click()
    made = [owner.api.post("incidents", json={"title": f"Disk {number} is full"}).json() for number in range(3)]
    told = page.get_by_role("alert").filter(has_text="opened")
    await expect(told).to_have_count(1)
    await expect(told).to_contain_text("3 incidents opened")

    solved = {"to": "resolved", "note": "Emptied."}
    owner.api.post(f"incidents/{made[0]['id']}/transitions", json=solved).raise_for_status()
    await expect(page.get_by_role("alert").filter(has_text="Incident resolved")).to_contain_text("Disk 0 is full")


async def test_nothing_is_missed_while_live_events_are_down(page: Page, owner: Owner, live_events: LiveEvents) -> None:
    await sign_in(page, owner)
    await page.evaluate(MARK)
    owner.fire("Before")
    await rows(page).first.wait_for()
    live_events.kill()
    try:
        await be_live(page, "recovering")
        for name in ("First", "Second", "Third"):
            owner.fire(name, service=name.lower())
        await be_live(page, "recovering")
    finally:
        live_events.start()
    await be_live(page)
    await expect(rows(page)).to_have_count(4)
    owner.fire("After", service="after")
    await expect(rows(page)).to_have_count(5)
    shown = {await one.get_attribute("data-incident") for one in await rows(page).all()}
    assert shown == {incident["id"] for incident in owner.incidents()}
    assert await page.evaluate("window.sreMark") == "the same document"
