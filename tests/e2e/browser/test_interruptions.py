"""The live connection breaks; the page says so, and misses nothing."""

import re

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.e2e.browser.conftest import Owner, sign_in

pytestmark = pytest.mark.stack


class Line:
    """The way to Web PubSub, which can be cut and mended."""

    def __init__(self) -> None:
        self.whole = True
        self._sockets: list[WebSocketRoute] = []

    async def lay(self, page: Page) -> None:
        await page.route_web_socket(re.compile("/client/hubs/"), self._connect)

    async def cut(self) -> None:
        self.whole = False
        for socket in self._sockets:
            await socket.close(code=1001)

    async def _connect(self, socket: WebSocketRoute) -> None:
        if self.whole:
            socket.connect_to_server()
            self._sockets.append(socket)
        else:
            await socket.close(code=1001)


async def test_what_happens_while_the_line_is_cut_is_there_afterwards(page: Page, owner: Owner) -> None:
    line = Line()
    await line.lay(page)
    await sign_in(page, owner)
    await expect(page.get_by_text("All quiet")).to_be_visible()

    await line.cut()
    await page.locator('[data-testid="live"][data-status="recovering"]').wait_for()
    for number in range(3):
        owner.api.post("incidents", json={"title": f"Meanwhile {number}"}).raise_for_status()
    line.whole = True

    await page.locator('[data-testid="live"][data-status="live"]').wait_for(timeout=60_000)
    for number in range(3):
        await expect(page.get_by_role("link", name=f"Meanwhile {number}")).to_be_visible()
    owner.api.post("incidents", json={"title": "Afterwards"}).raise_for_status()
    await expect(page.get_by_role("link", name="Afterwards")).to_be_visible()


async def test_an_incident_that_opens_elsewhere_is_told_and_leads_there(page: Page, owner: Owner) -> None:
    await sign_in(page, owner)
    await page.get_by_role("link", name="Maintenance").click()
    await expect(page.get_by_role("heading", name="Maintenance", level=1)).to_be_visible()
    owner.api.post("incidents", json={"title": "Disk is full", "severity": "critical"}).raise_for_status()

    told = page.get_by_role("alert").filter(has_text="Disk is full")
    await expect(told).to_contain_text("Critical incident opened")
    await told.get_by_role("link", name="Open it").click()
    await page.wait_for_url("**/incidents/*")
