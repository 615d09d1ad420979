"""How soon there is something to read, with nothing of the app in the browser's cache."""

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.browser.conftest import Owner, sign_in, window
from tests.figures import Figures

pytestmark = pytest.mark.stack

MAX_MILLISECONDS = 1_000
MAX_VISITS = 15  # until one is quick: a machine that does other things besides makes any of them slow
# When the first words are painted, and when the first incident is in the page, in milliseconds since the start.
PAINTED = """
() => new Promise((resolve) => {
  const take = (list) => list.getEntriesByName('first-contentful-paint').forEach((one) => resolve(one.startTime))
  new PerformanceObserver(take).observe({ type: 'paint', buffered: true })
})
"""
WATCH_FOR_INCIDENT = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('[data-incident]')) return
  window.sreFirstIncident = performance.now()
  observer.disconnect()
}).observe(document, { childList: true, subtree: true })
"""


async def test_there_is_something_to_read_within_a_second(
    browser: Browser, app: str, page: Page, owner: Owner, figures: Figures
) -> None:
    owner.fire()
    await sign_in(page, owner)
    signed_in = await page.context.storage_state()
    to_read, to_work = [], []
    for _ in range(MAX_VISITS):
        async with window(browser, app) as visit:
            await visit.goto("/sign-in")
            await visit.get_by_role("heading", level=1).wait_for()
            to_read.append(await visit.evaluate(PAINTED))
        async with window(browser, app, storage_state=signed_in) as visit:
            await visit.add_init_script(WATCH_FOR_INCIDENT)
            await visit.goto("/")
            await visit.locator("[data-incident]").wait_for()
            to_work.append(await visit.evaluate("window.sreFirstIncident"))
            to_read.append(await visit.evaluate(PAINTED))
        if max(to_read[-2:]) < MAX_MILLISECONDS:
            break
    figures["first content, quickest of cold visits, ms"] = min(to_read)
    figures["first incident, quickest of cold visits, ms"] = min(to_work)
    assert max(to_read[-2:]) < MAX_MILLISECONDS
