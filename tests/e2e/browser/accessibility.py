"""What axe finds wrong with a page."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

_AXE = Path(__file__).parents[3] / "frontend/node_modules/axe-core/axe.min.js"


async def violations(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that the page breaks, and where. Evaluated beside the page, so that its policy has no say."""
    await page.evaluate(_AXE.read_text())
    found: list[dict[str, Any]] = await page.evaluate("axe.run().then(({ violations }) => violations)")
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
