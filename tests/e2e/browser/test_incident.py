"""The page of an incident, in a real browser."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.browser.conftest import Owner, sign_in

pytestmark = pytest.mark.stack

TITLE = "Connections of checkout run out"


def alerted(owner: Owner) -> dict[str, Any]:
    """An incident that an alert has opened."""
    body = {
        "name": "PoolExhausted",
        "title": TITLE,
        "service": "checkout",
        "severity": "critical",
        "starts_at": datetime.now(UTC).isoformat(),
        "url": "https://prometheus.example.com/graph",
        "annotations": {"runbook_url": "https://wiki.example.com/pool", "dashboard_url": "javascript:alert(1)"},
    }
    headers = {"Authorization": f"Bearer {owner.ingest_token}"}
    owner.api.post("webhooks/alerts", json=body, headers=headers).raise_for_status()
    found: dict[str, Any] = owner.api.get("incidents").raise_for_status().json()["items"][0]
    return found


async def test_a_move_that_skips_a_state_needs_a_note(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['reference']}")
    await expect(page).to_have_title(f"{incident['reference']} {TITLE} · SRE Copilot")

    await page.get_by_role("button", name="Other state changes").click()
    await page.get_by_role("menuitem", name="Resolve…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Resolve", exact=True)).to_be_disabled()
    await dialog.get_by_label("Note").fill("The pool was enlarged.")
    await dialog.get_by_role("button", name="Resolve", exact=True).click()
    await page.get_by_role("button", name="Reopen", exact=True).wait_for()
    assert owner.incidents()[0]["state"] == "resolved"


async def test_what_others_do_appears_by_itself_and_comments_are_told_in_place(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['id']}?tab=timeline")
    await page.get_by_label("Add a comment").fill("It is **the pool**. <img src=x onerror=alert(1)>")
    await page.get_by_role("button", name="Comment", exact=True).click()
    comment = page.get_by_role("article", name="Comment")
    await expect(comment.locator("strong", has_text="the pool")).to_be_visible()
    await expect(comment.locator("img")).to_have_count(0)

    owner.api.post(f"incidents/{incident['id']}/transitions", json={"to": "acknowledged", "note": "Mine."})
    await expect(page.get_by_text("changed the state from detected to acknowledged")).to_be_visible()
    await expect(page.get_by_text("Mine.")).to_be_visible()

    await comment.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Confirm").click()
    await expect(comment.get_by_text("This comment was deleted.")).to_be_visible()


async def test_what_is_typed_while_a_comment_is_sent_stays(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['id']}?tab=timeline")
    typed = page.get_by_label("Add a comment")
    await typed.fill("It is the pool.")
    await page.route("**/comments", hold)
    await page.get_by_role("button", name="Comment", exact=True).click()
    await typed.fill("And the disk.")
    go_on.set()
    await expect(page.get_by_role("article", name="Comment")).to_contain_text("It is the pool.")
    await expect(typed).to_have_value("And the disk.")
    await page.get_by_role("button", name="Comment", exact=True).click()
    await expect(typed).to_have_value("")


async def test_a_timeline_is_not_shown_without_its_comments(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    owner.api.post(f"incidents/{incident['id']}/comments", json={"body": "It is the pool."}).raise_for_status()
    await sign_in(page, owner)
    await page.route("**/comments?*", lambda route: route.fulfill(status=400))
    await page.goto(f"/incidents/{incident['id']}?tab=timeline")
    timeline = page.get_by_role("tabpanel", name="Timeline")
    await expect(timeline.get_by_role("alert")).to_be_visible()

    await page.unroute("**/comments?*")
    await timeline.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("article", name="Comment")).to_contain_text("It is the pool.")


async def test_an_alert_says_why_it_is_here_and_leads_only_to_the_web(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['id']}?tab=alerts")
    links = page.get_by_role("navigation", name=f"Links for {TITLE}")
    await expect(links.get_by_role("link")).to_have_text(["Source", "Runbook"])
    await expect(page.get_by_text("Why this alert is here")).to_be_visible()


async def test_an_edit_of_what_somebody_changed_meanwhile_is_not_lost(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['id']}")
    await page.get_by_role("button", name=f"Edit {incident['reference']}").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Title").fill("The pool is too small")
    owner.api.patch(f"incidents/{incident['id']}", json={"service_name": "cart"}).raise_for_status()

    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Someone else changed this incident")
    await dialog.get_by_role("button", name="Confirm").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="The pool is too small", level=1)).to_be_visible()
    now = owner.api.get(f"incidents/{incident['id']}").json()
    assert (now["title"], now["service_name"]) == ("The pool is too small", "cart")


async def test_keys_acknowledge_assign_and_turn_the_pages(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['id']}")
    await page.get_by_role("button", name="Acknowledge", exact=True).wait_for()
    await page.keyboard.press("a")
    await page.get_by_role("button", name="Start investigating", exact=True).wait_for()
    await page.keyboard.press("i")
    await expect(page.locator('input[aria-label="Assignee"]')).to_have_value("Olga Owner")
    await page.keyboard.press("3")
    await expect(page.get_by_role("tab", name="Alerts", selected=True)).to_be_visible()
    await page.keyboard.press("u")
    await expect(page).to_have_title("Incidents · SRE Copilot")


async def test_a_key_that_is_refused_says_why(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['id']}")
    await page.get_by_role("button", name="Acknowledge", exact=True).wait_for()
    refusal = {"type": "/problems/illegal-transition", "title": "Not from this state", "allowed": ["resolved"]}
    answer = {"status": 409, "content_type": "application/problem+json", "json": refusal}
    await page.route("**/transitions", lambda route: route.fulfill(**answer))
    await page.keyboard.press("a")
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Allowed now: Resolved.")


async def test_an_analysis_that_goes_on_is_followed_to_its_end(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    await sign_in(page, owner)
    looks = 0

    async def go_on(route: Route) -> None:
        """No event tells of a phase: this one is over at the third look."""
        nonlocal looks
        looks += 1
        step = {"incident_id": incident["id"], "run": 1, "step_type": "evidence_collected", "detail": {}}
        times = {"started_at": incident["created_at"], "finished_at": incident["created_at"] if looks > 2 else None}
        steps = [{**step, **times, "status": "completed" if looks > 2 else "running"}]
        shared = {"analysed_incident_id": incident["id"], "analysed_reference": incident["reference"]}
        await route.fulfill(json={"items": steps, "next_cursor": None, **shared})

    await page.route("**/workflow", go_on)
    await page.goto(f"/incidents/{incident['id']}")
    analysis = page.get_by_role("region", name="Analysis")
    await expect(analysis.locator('[data-status="running"]')).to_be_visible()
    await expect(analysis.locator('[data-status="completed"]')).to_be_visible()


async def test_what_the_model_has_cost_is_shown_where_it_was_asked(page: Page, owner: Owner) -> None:
    incident = alerted(owner)
    await sign_in(page, owner)
    await page.goto(f"/incidents/{incident['id']}")
    causes = page.get_by_role("region", name="Root cause")
    await expect(causes).to_be_visible()
    await expect(causes.get_by_text("Language model cost")).to_have_count(0)

    cost = {"model_calls": 2, "input_tokens": 3_000, "output_tokens": 412, "model_usd": 0.0021}
    told = {**cost, "people_seconds": 0, "people": []}
    await page.route("**/cost", lambda route: route.fulfill(json=told))
    await page.reload()
    await expect(causes.get_by_text("Language model cost: $0.0021 (2 calls, 3,412 tokens)")).to_be_visible()
