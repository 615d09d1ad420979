"""Who may only look is offered nothing else, and gets nothing else by other ways."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser.conftest import PASSWORD, Owner, be_live

pytestmark = pytest.mark.stack

TRY_TO_MOVE = """
async (path) => {
  const me = await (await fetch('/api/auth/me')).json()
  const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf_token }
  return (await fetch(path, { method: 'POST', headers, body: JSON.stringify({ to: 'acknowledged' }) })).status
}
"""


async def test_a_viewer_sees_incidents_and_can_change_none(page: Page, owner: Owner) -> None:
    owner.fire()
    (incident,) = owner.incidents()
    await join(page, owner, role="viewer")
    board = page.get_by_role("grid")
    await board.get_by_role("row").last.hover()
    await expect(board.get_by_role("checkbox")).to_have_count(0)
    await expect(board.get_by_role("button", name="Acknowledge")).to_have_count(0)
    await expect(page.get_by_role("link", name="Audit")).to_have_count(0)
    await expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()
    await expect(page.get_by_role("button", name="New incident")).to_have_count(0)
    for key in ("j", "x", "a"):
        await page.keyboard.press(key)

    assert await page.evaluate(TRY_TO_MOVE, f"/api/incidents/{incident['id']}/transitions") == 403
    assert owner.incidents()[0]["state"] == "detected"


async def join(page: Page, owner: Owner, *, role: str) -> None:
    """Somebody accepts an invitation to the owner's project."""
    invited = {"email": f"{role}-{owner.email}", "role": role}
    token = owner.api.post("invitations", json=invited).raise_for_status().json()["token"]
    await page.goto(f"/accept-invitation#token={token}")
    await page.get_by_label("Your name").fill("Vera Viewer")
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_role("button", name="Join").click()
    await be_live(page)
