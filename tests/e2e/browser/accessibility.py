"""What axe, the accessibility checker, finds wrong with a page."""

from typing import Any, Final

from playwright.async_api import Page, ViewportSize, expect

from scripts import frontend

DESKTOP: Final[ViewportSize] = {"width": 1360, "height": 860}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}

_AXE: Final = frontend.PACKAGES / "axe-core/axe.min.js"
_LOADING: Final = "[role=status][aria-label=Loading]"
# Colours on their way from one scheme to the other are of neither.
_BE_STILL: Final = """
() => Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished.catch(() => undefined)))
"""


async def violations(page: Page, rule: str | None = None) -> list[str]:
    """What axe finds once all is there and still, by one rule or by all: rule, the first element, and why."""
    await settle(page)
    await page.evaluate(_AXE.read_text())
    only = {} if rule is None else {"runOnly": [rule]}
    result: dict[str, Any] = await page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **only})
    return [
        f"{page.url}: {one['id']}: {one['nodes'][0]['target']}: {one['nodes'][0]['failureSummary']}"
        for one in result["violations"]
    ]


async def violations_everywhere(page: Page) -> list[str]:
    """The same on a desk and on a phone, the colours in both schemes, and what lies beyond a phone's edge."""
    await page.set_viewport_size(DESKTOP)
    await page.emulate_media(color_scheme="light")
    found = [f"light: {one}" for one in await violations(page)]
    await page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in await violations(page, "color-contrast")]
    await page.set_viewport_size(PHONE)
    found += [f"dark, on a phone: {one}" for one in await violations(page)]
    beyond = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [*found, *([f"{page.url}: {beyond} pixels beyond the edge of a phone"] if beyond > 0 else [])]


async def settle(page: Page) -> None:
    """Waits until a page has come with all that it shows."""
    await page.get_by_role("heading", level=1).first.wait_for()
    await expect(page.locator(_LOADING)).to_have_count(0)
    await page.evaluate(_BE_STILL)
