"""Services, integrations, maintenance and settings as admins use them."""

import json
import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, Route, expect

from scripts.devstack.demo_tenant import bearer, sample_notification
from tests.e2e.browser.conftest import Owner, be_live, sign_in

pytestmark = pytest.mark.stack

TOPOLOGY = {
    "services": [
        {"name": "web", "owner": "storefront", "tier": 1, "depends_on": ["checkout"]},
        {"name": "checkout", "owner": "payments", "depends_on": ["web"]},
    ]
}


def alert(owner: Owner, token: str) -> None:
    notification = sample_notification(datetime.now(UTC))
    owner.api.post("webhooks/alertmanager", json=notification, headers=bearer(token)).raise_for_status()


async def test_an_integration_is_made_and_its_token_works(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/integrations")
    await page.get_by_role("button", name="Add integration").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("production-eu")
    await dialog.get_by_role("button", name="Create and show").click()

    token = dialog.get_by_text(re.compile("^sre_ingest_"))
    await expect(token).to_be_visible()
    snippet = await dialog.get_by_text("webhook_configs").inner_text()
    assert "/api/webhooks/alertmanager" in snippet
    given = await token.inner_text()
    assert given in snippet
    alert(owner, given)

    await dialog.get_by_role("button", name="I have copied it").click()
    await expect(page.get_by_role("button", name="production-eu")).to_be_visible()
    await expect(page.get_by_text(given)).to_have_count(0)


async def test_a_topology_with_a_cycle_is_imported_and_drawn(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/services")
    await page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Document").fill(json.dumps(TOPOLOGY))
    await dialog.get_by_role("button", name="Preview changes").click()
    await expect(dialog.get_by_text("New services: ")).to_be_visible()
    await dialog.get_by_role("button", name="Import").click()
    await expect(page.get_by_role("button", name="checkout")).to_be_visible()

    await page.goto("/services/map")
    await page.get_by_role("button", name="checkout").click()
    drawer = page.get_by_role("dialog")
    await drawer.get_by_role("button", name="Remove dependency on web").click()
    await expect(drawer.get_by_text("None known")).to_be_visible()


async def test_a_window_is_planned_and_ended(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/maintenance")
    await page.get_by_role("button", name="Schedule maintenance").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Title").fill("Upgrade of the database")
    await dialog.get_by_label("Value 1").fill("checkout")
    await dialog.get_by_role("button", name="Preview matching alerts").click()
    await expect(dialog.get_by_text("in the last 24 hours")).to_be_visible()
    await dialog.get_by_role("button", name="Schedule").click()

    card = page.get_by_role("listitem").filter(has_text="Upgrade of the database")
    await expect(card.get_by_text("Active")).to_be_visible()
    await card.get_by_role("button", name="End now").click()
    await page.get_by_role("button", name="Confirm").click()
    await expect(card.get_by_text("Past")).to_be_visible()


async def test_the_only_owner_is_told_why_they_cannot_go(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/settings?tab=people")
    await expect(page.get_by_text("The only owner. Make someone else an owner first.")).to_be_visible()
    await page.get_by_role("button", name="Invite person").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("E-mail").fill("vera@example.com")
    await dialog.get_by_role("button", name="Send invitation", exact=True).click()
    await expect(dialog.get_by_text("/accept-invitation#token=")).to_be_visible()


async def test_an_owner_says_how_long_the_audit_is_kept_and_holds_it(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/settings?tab=organisation")
    audit = page.get_by_role("region", name="Audit")
    await audit.get_by_label("Audit retention in days").fill("90")
    await audit.get_by_role("button", name="Save").click()
    asked = page.get_by_text("Entries older than 90 days are deleted within a day")
    await expect(asked).to_be_visible()
    await page.get_by_role("button", name="Confirm").click()
    await expect(asked).to_have_count(0)
    await audit.get_by_role("button", name="Place on hold").click()
    await page.get_by_role("button", name="Confirm").click()
    await expect(audit.get_by_text("On hold. No audit entries or incidents are deleted")).to_be_visible()
    kept = owner.api.get("tenant").json()
    assert (kept["audit_retention_days"], kept["legal_hold"]) == (90, True)

    await page.goto("/audit")
    await expect(page.get_by_text("On legal hold")).to_be_visible()


async def test_the_audit_says_of_what_is_typed_that_it_is_no_filter(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/audit?kind=calls&outcome=ok")
    await page.get_by_role("radiogroup", name="Show").get_by_text("Changes and calls").click()
    await expect(page).to_have_url("/audit?kind=all")

    action = page.get_by_label("Action")
    await action.fill("integration.created")
    await expect(page).to_have_url("/audit?kind=all&action=integration.created")
    await action.fill("Integration created")
    await expect(page.get_by_text("Enter a name such as incident.updated.")).to_be_visible()
    await expect(page).to_have_url("/audit?kind=all")
    await expect(action).to_have_value("Integration created")


async def test_an_owner_says_how_long_incidents_are_kept(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/settings?tab=organisation")
    incidents = page.get_by_role("region", name="Incidents")
    for typed, kept in (("365", 365), ("", None)):
        await incidents.get_by_label("Incident retention in days").fill(typed)
        await incidents.get_by_role("button", name="Save").click()
        async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
            await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_text("Saved", exact=True).first).to_be_visible()
        assert owner.api.get("tenant").json()["incident_retention_days"] == kept


async def test_what_is_typed_stays_where_only_reading_again_fails(page: Page, owner: Owner) -> None:
    async def refuse_reads(route: Route) -> None:
        if route.request.method == "GET":
            await route.fulfill(status=400)
        else:
            await route.continue_()

    await sign_in(page, owner)
    await page.goto("/settings?tab=organisation")
    await page.get_by_label("Calls per minute").fill("600")
    await page.route("**/api/tenant", refuse_reads)
    await page.get_by_role("button", name="Place on hold").click()
    async with page.expect_response(lambda answer: answer.url.endswith("/api/tenant") and not answer.ok):
        await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    await expect(page.get_by_label("Calls per minute")).to_have_value("600")


async def test_policies_that_are_not_saved_yet_outlive_a_change_of_the_name(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/settings")
    await page.get_by_label("Quiet period", exact=True).fill("25")
    await page.get_by_label("Project name").fill("Shop")
    await page.get_by_role("button", name="Rename").click()
    await expect(page.locator("aside").get_by_text("Shop")).to_be_visible()

    unsaved = page.get_by_role("region", name="Unsaved changes")
    await unsaved.get_by_role("button", name="Save").click()
    await expect(unsaved).to_have_count(0)
    await expect(page.get_by_label("Quiet period", exact=True)).to_have_value("25")


async def test_a_service_that_was_changed_meanwhile_can_be_removed_once_that_is_seen(page: Page, owner: Owner) -> None:
    made = owner.api.post("services", json={"name": "checkout"}).raise_for_status().json()
    await sign_in(page, owner)
    await page.goto("/services")
    await be_live(page)  # which reads anew what is shown
    await page.get_by_role("button", name="checkout").click()
    drawer = page.get_by_role("dialog").filter(has_text="checkout")
    await drawer.get_by_role("button", name="Remove").wait_for()
    owner.api.patch(f"services/{made['id']}", json={"owner": "payments"}).raise_for_status()

    await drawer.get_by_role("button", name="Remove").click()
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("The resource has changed since you read it.")).to_have_count(1)
    await expect(drawer.get_by_text("payments")).to_be_visible()
    await drawer.get_by_role("button", name="Remove").click()
    await page.get_by_role("button", name="Confirm").click()
    await expect(drawer).to_have_count(0)
    assert owner.api.get("services").json()["items"] == []


async def test_what_could_not_be_processed_is_shown_with_its_reason(page: Page, owner: Owner) -> None:
    sent = [{"title": "without a name"}]
    owner.api.post("webhooks/alerts", json=sent, headers=bearer(owner.ingest_token)).raise_for_status()
    await sign_in(page, owner)
    await page.goto("/integrations")
    refused = page.get_by_role("region", name="Dead letters")
    await refused.get_by_role("row").nth(1).locator("summary").click()
    await expect(refused.get_by_text("without a name")).to_be_visible()


async def test_an_owner_makes_a_project_and_goes_there(page: Page, owner: Owner) -> None:
    owner.fire()
    await sign_in(page, owner)
    await page.goto("/settings?tab=organisation")
    projects = page.get_by_role("region", name="Projects")
    await projects.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Bank")
    await dialog.get_by_role("button", name="Create project").click()
    await expect(projects.get_by_role("row")).to_have_count(1 + 2)

    await projects.get_by_role("button", name="Open Bank").click()
    await expect(page.get_by_role("heading", name="All quiet")).to_be_visible()
    assert [one["name"] for one in owner.api.get("projects").json()["items"]][1:] == ["Bank"]
