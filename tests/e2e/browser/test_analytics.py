"""What the figures and the audit show, in a real browser."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser.conftest import Owner, sign_in

pytestmark = pytest.mark.stack


async def test_figures_are_drawn_and_read_as_a_table_and_their_filters_are_in_the_address(
    page: Page, owner: Owner
) -> None:
    owner.fire()
    await sign_in(page, owner)
    await page.goto("/analytics?period=7d")
    by_day = page.get_by_role("region", name="Incidents by day")
    await expect(by_day.locator("svg .recharts-bar").first).to_be_visible()

    await by_day.get_by_text("Table", exact=True).click()
    await expect(by_day.get_by_role("row")).to_have_count(1 + 7)
    await page.get_by_text("90 days", exact=True).click()
    await expect(page).to_have_url("/analytics?period=90d")


async def test_an_owner_sets_the_budget(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.goto("/analytics?tab=ai")
    await page.get_by_role("button", name="Edit budget").click()
    await page.get_by_label("Monthly limit (USD)").fill("35")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("of $35.00")).to_be_visible()
    assert owner.api.get("analytics/ai/budget").json()["limit_usd"] == 35


async def test_the_audit_shows_what_a_change_changed_and_says_that_it_is_intact(page: Page, owner: Owner) -> None:
    owner.fire()
    (incident,) = owner.incidents()
    owner.api.post(f"incidents/{incident['id']}/transitions", json={"to": "acknowledged"}).raise_for_status()
    await sign_in(page, owner)
    await page.goto("/audit?action=incident.updated")
    await page.get_by_role("button", name="Incident updated").first.click()
    await expect(page.get_by_role("table", name="What changed")).to_contain_text("acknowledged")

    await page.get_by_role("tab", name="Verify").click()
    await page.get_by_role("button", name="Verify").click()
    await expect(page.get_by_role("heading", name="No days sealed yet")).to_be_visible()
