"""From an account to a lesson learned, as somebody without a mouse does it."""

import re
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from scripts.devstack.demo_tenant import bearer, sample_notification
from tests.e2e.browser.conftest import PASSWORD, be_live
from tests.e2e.browser.keyboard import Keyboard
from tests.figures import Figures

pytestmark = pytest.mark.stack

MAX_SECONDS = 10  # from an alert to its incident on a screen; under 2 where nothing else runs
STATE = '[data-state="{}"]'


async def test_an_incident_goes_from_its_alert_to_a_lesson_by_keys_alone(
    page: Page, stack: dict[str, Any], figures: Figures
) -> None:
    keys = Keyboard(page)
    await register(page, keys)
    token = await connect_alertmanager(page, keys)

    await keys.choose(page.get_by_role("link", name="Incidents", exact=True))
    await expect(page.get_by_role("heading", name="All quiet")).to_be_visible()
    post_alert(stack["api"], token)
    began = time.monotonic()
    row = page.locator('[role="row"][data-state]')
    await row.wait_for()
    figures["alert to incident on the screen, by the main path, s"] = seconds = time.monotonic() - began
    assert seconds < MAX_SECONDS

    await keys.press("j")
    await keys.expect_focus(row.get_by_role("link"))
    await keys.press("a")
    await expect(row).to_have_attribute("data-state", "acknowledged")
    await keys.press("Enter")
    await page.wait_for_url("**/incidents/*")

    await examine(page, keys)
    await move_on(page, keys)
    await learn(page, keys)


async def register(page: Page, keys: Keyboard) -> None:
    await page.goto("/register")
    await keys.write(page.get_by_label("Your name"), "Olga Owner")
    await keys.write(page.get_by_label("Organisation"), "Example")
    await keys.write(page.get_by_label("E-mail"), f"{uuid4().hex[:12]}@example.com")
    await keys.write(page.get_by_label("Password", exact=True), PASSWORD)
    await keys.press("Enter")
    await be_live(page)


async def connect_alertmanager(page: Page, keys: Keyboard) -> str:
    """The token of a new integration."""
    await keys.choose(page.get_by_role("link", name="Integrations", exact=True))
    add = page.get_by_role("button", name="Add integration").first
    await keys.choose(add)
    await keys.write(page.get_by_label("Name", exact=True), "production-eu")
    await keys.choose(page.get_by_role("button", name="Create and show"))
    dialog = page.get_by_role("dialog")
    token = await dialog.get_by_text(re.compile("^sre_ingest_")).inner_text()
    await keys.choose(dialog.get_by_role("button", name="I have copied it"))
    await expect(page.get_by_role("button", name="production-eu")).to_be_visible()
    await expect(dialog).to_have_count(0)
    return token


def post_alert(api: str, token: str) -> None:
    body = sample_notification(datetime.now(UTC))
    httpx.post(f"{api}/webhooks/alertmanager", json=body, headers=bearer(token), timeout=20).raise_for_status()


async def examine(page: Page, keys: Keyboard) -> None:
    """Reads the first hypothesis and what it rests on, makes the check, and confirms it."""
    first = page.locator("#content ol > li").filter(has=page.get_by_role("button", expanded=True)).first
    await expect(first.get_by_role("heading", name="Evidence")).to_be_visible()
    await expect(first.locator("[data-stance]").first).to_be_visible()
    await keys.choose(first.get_by_role("button", name="Supports"))
    await expect(page.get_by_role("button", name="Supports", pressed=True)).to_be_visible()
    await keys.choose(page.get_by_role("button", name="Confirm root cause").first)
    await expect(page.get_by_text("Confirmed root cause").first).to_be_visible()


async def move_on(page: Page, keys: Keyboard) -> None:
    """Through the line of states, each once by the button that is next and once with a note."""
    header = page.locator("#content header")
    await keys.choose(header.get_by_role("button", name="Start investigating"))
    await expect(header.locator(STATE.format("investigating"))).to_be_visible()
    await keys.choose(header.get_by_role("button", name="Mark as mitigated"))
    await expect(header.locator(STATE.format("mitigated"))).to_be_visible()

    await keys.press("m")
    dialog = page.get_by_role("dialog")
    await keys.expect_focus(dialog.get_by_label("Note"))
    await page.keyboard.type("The pool was enlarged.")
    await keys.choose(dialog.get_by_role("button", name="Resolve", exact=True))
    await expect(header.locator(STATE.format("resolved"))).to_be_visible()
    await expect(dialog).to_have_count(0)


async def learn(page: Page, keys: Keyboard) -> None:
    """Writes the postmortem and publishes it."""
    await keys.press("5")
    await keys.write(page.get_by_label("Text", exact=True), "The pool was too small for the release.")
    await keys.choose(page.get_by_role("button", name="Add action item"))
    await keys.write(page.get_by_label("Task"), "Alert on 80 % of the pool")
    await keys.choose(page.get_by_role("button", name="Save draft"))
    await keys.choose(page.get_by_role("button", name="Publish"))
    await keys.choose(page.get_by_role("button", name="Confirm", exact=True))
    await expect(page.get_by_text("Published by")).to_be_visible()
    await expect(page.locator("#content header").locator(STATE.format("learned"))).to_be_visible()
