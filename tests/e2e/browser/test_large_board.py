"""Ten thousand incidents on the board: it scrolls, and filters answer before anybody wonders."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, expect

from scripts.history import Plan
from scripts.seed import find_place, seed
from tests.e2e.browser.conftest import Owner, sign_in
from tests.figures import Figures

pytestmark = pytest.mark.stack

INCIDENTS = 10_000
FAR = 400  # rows down, some pages of the list
MAX_ROWS = 100  # in the document, of however many in the list
MAX_FILTER = 300  # milliseconds between a click and the filtered list
MAX_ROUNDS = 5  # until one is quick: a machine that does other things besides makes any of them slow
SEVERITIES = ("critical", "high", "medium", "low", "info")

# From the click on an item of a menu until the grid, which is busy meanwhile, shows what was asked for.
ANSWER_TO = """
(item, severity) => new Promise((resolve) => {
  const began = performance.now()
  const look = () => {
    const found = document.querySelectorAll('[role="grid"][aria-busy="false"] [role="row"] [data-severity]')
    const done = found.length > 0 && [...found].every((one) => one.dataset.severity === severity)
    if (done) resolve(performance.now() - began)
    else requestAnimationFrame(look)
  }
  item.click()
  requestAnimationFrame(look)
})
"""
# How long the API took to answer the last question for incidents.
ANSWERED = """
performance.getEntriesByType('resource').filter((one) => /api.incidents[?]/.test(one.name)).at(-1).duration
"""


@pytest.fixture
def crowded(stack: dict[str, Any], owner: Owner) -> Owner:
    """An owner with a long history."""
    plan = Plan(incidents=INCIDENTS, alerts=INCIDENTS, seed="board", until=datetime.now(UTC), days=365)
    seed(stack["database_url"], find_place(stack["database_url"], stack["system_database_url"], owner.email), plan)
    return owner


async def test_ten_thousand_incidents_scroll_and_answer_to_filters(
    page: Page, crowded: Owner, figures: Figures
) -> None:
    await sign_in(page, crowded)
    await page.get_by_role("navigation", name="Views").get_by_role("link", name="All", exact=True).click()
    rows = page.locator('[role="row"][data-state]')
    await rows.first.wait_for()
    seen = 0
    while seen < FAR:
        await page.locator('[role="rowgroup"]').last.evaluate("body => body.scrollTo(0, body.scrollHeight)")
        await expect(rows.last).not_to_have_attribute("aria-rowindex", str(seen))
        seen = int(await rows.last.get_attribute("aria-rowindex") or 0)
        assert await rows.count() < MAX_ROWS

    await page.get_by_role("button", name="Severity").click()
    took, answers = [], []
    for severity in SEVERITIES * MAX_ROUNDS:
        item = page.get_by_role("menuitemcheckbox", name=severity.title())
        took.append(await item.evaluate(ANSWER_TO, severity))
        answers.append(await page.evaluate(ANSWERED))
        if took[-1] < MAX_FILTER:
            break
        await item.click()
        await expect(item).to_have_attribute("aria-checked", "false")
    figures["filter among 10,000 incidents, quickest, ms"] = min(took)
    figures["filter among 10,000 incidents, the API's part of it, ms"] = min(answers)
    assert min(took) < MAX_FILTER
