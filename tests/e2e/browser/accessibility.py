"""What axe, the accessibility checker, finds wrong with a page."""

from typing import Any

from playwright.async_api import Page

from scripts import frontend

_AXE = frontend.PACKAGES / "axe-core/axe.min.js"


async def violations(page: Page) -> list[str]:
    """What axe finds: rule, the first element it is about, and why."""
    await page.evaluate(_AXE.read_text())
    found: list[dict[str, Any]] = (await page.evaluate("axe.run({resultTypes: ['violations']})"))["violations"]
    return [
        f"{page.url}: {one['id']}: {one['nodes'][0]['target']}: {one['nodes'][0]['failureSummary']}" for one in found
    ]
