"""A person without a mouse: every step is a key."""

from playwright.async_api import Locator, Page, expect

MAX_STEPS = 120  # of the tab key; more than anything on a page that can have the focus
HAS_FOCUS = "element => element === document.activeElement"


class Keyboard:
    """What somebody can do with keys alone, on one page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self._page.keyboard.press(key)

    async def reach(self, target: Locator) -> None:
        """Moves on by the tab key until something has the focus; fails where it never gets it."""
        await self._go(target, "Tab")

    async def choose(self, target: Locator) -> None:
        """Presses a button or follows a link."""
        await expect(target).to_be_enabled()
        await self.reach(target)
        await self._page.keyboard.press("Enter")

    async def pick(self, item: Locator) -> None:
        """Chooses an item of the menu that is open."""
        await self._go(item, "ArrowDown")
        await self._page.keyboard.press("Enter")

    async def write(self, target: Locator, text: str) -> None:
        """Replaces what is in an input."""
        await self.reach(target)
        await self._page.keyboard.press("ControlOrMeta+a")
        await self._page.keyboard.type(text)

    async def dismiss(self, opened: Locator) -> None:
        """Leaves a dialog or menu by the escape key."""
        await self._page.keyboard.press("Escape")
        await expect(opened).to_have_count(0)

    async def expect_focus(self, target: Locator) -> None:
        await expect(target).to_be_focused()

    async def expect_focus_within(self, opened: Locator) -> None:
        await expect(opened.locator(":focus")).to_have_count(1)

    async def _go(self, target: Locator, key: str) -> None:
        await expect(target).to_be_visible()
        for _ in range(MAX_STEPS):
            if await target.evaluate(HAS_FOCUS):
                return
            await self._page.keyboard.press(key)
        raise AssertionError(f"{key} never leads to {target}")
