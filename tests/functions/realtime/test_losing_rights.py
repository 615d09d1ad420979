"""Who loses a right hears no more: live connections are closed, and clients ask again what they may hear."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import aiohttp
import pytest

from shared.access.sessions import SESSION_LIFETIME
from shared.platform.realtime import Realtime
from tests.fixtures import App, StoppedClock, Tenant
from tests.functions.access.people import Person, invited
from tests.functions.realtime.live import listening
from tests.shared.platform.offline import offline

type Change = Callable[[App, Tenant, Person], Awaitable[int]]


async def is_closed(socket: aiohttp.ClientWebSocketResponse) -> bool:
    while (message := await socket.receive(timeout=10)).type is aiohttp.WSMsgType.TEXT:
        assert message.json()["event"] == "disconnected"
    return message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED}


async def sign_out(app: App, _: Tenant, person: Person) -> int:
    return (await app.call("POST", "auth/logout", {}, token=person.token)).status


async def disable(app: App, tenant: Tenant, person: Person) -> int:
    return (await app.call("PATCH", f"users/{person.user_id}", {"disabled": True}, token=tenant.token)).status


async def demote(app: App, tenant: Tenant, person: Person) -> int:
    path = f"projects/{tenant.project_id}/members/{person.user_id}"
    return (await app.call("PUT", path, {"role": "viewer"}, token=tenant.token)).status


async def remove(app: App, tenant: Tenant, person: Person) -> int:
    path = f"projects/{tenant.project_id}/members/{person.user_id}"
    return (await app.call("DELETE", path, token=tenant.token)).status


@pytest.mark.parametrize(
    ("change", "renegotiates"),
    [(sign_out, 401), (disable, 401), (remove, 401), (demote, 200)],
    ids=["signed out", "disabled", "removed", "of a lower role"],
)
async def test_a_connection_is_closed_with_the_right_to_it(
    app: App, tenant: Tenant, change: Change, renegotiates: int
) -> None:
    person = await invited(app, tenant, "engineer")
    async with listening(app, person.token) as theirs, listening(app, tenant.token) as ours:
        assert await change(app, tenant, person) in {200, 204}
        assert await is_closed(theirs)
        assert not ours.closed
    assert (await app.call("POST", "realtime/negotiate", token=person.token)).status == renegotiates


async def test_a_revoked_key_s_connections_are_closed(app: App, tenant: Tenant) -> None:
    made = (await app.call("POST", "api-keys", {"name": "a board", "role": "viewer"}, token=tenant.token)).json
    async with listening(app, made["key"]) as socket:
        await app.call("DELETE", f"api-keys/{made['id']}", token=tenant.token)
        assert await is_closed(socket)


@pytest.mark.parametrize("change", [disable, remove], ids=["disabled", "removed"])
async def test_a_key_s_connections_are_closed_with_its_maker_s_place(app: App, tenant: Tenant, change: Change) -> None:
    person = await invited(app, tenant, "admin")
    made = (await app.call("POST", "api-keys", {"name": "a board", "role": "viewer"}, token=person.token)).json
    async with listening(app, made["key"]) as socket:
        assert await change(app, tenant, person) in {200, 204}
        assert await is_closed(socket)


async def test_a_key_s_connections_are_closed_when_it_runs_out(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    bodies = [{"name": "a board", "role": "viewer", "expires_in_days": days} for days in (1, 2)]
    short, longer = [(await app.call("POST", "api-keys", body, token=tenant.token)).json["key"] for body in bodies]
    async with listening(app, short) as over, listening(app, longer) as going_on:
        clock.advance(days=1)
        await app.tick("check_connections")
        assert await is_closed(over)
        assert not going_on.closed


async def test_a_person_s_connections_are_closed_when_their_session_runs_out(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    async with listening(app, tenant.token) as socket:
        clock.advance(seconds=SESSION_LIFETIME.total_seconds())
        await app.tick("check_connections")
        assert await is_closed(socket)


async def test_while_the_service_is_away_people_sign_out_all_the_same(app: App, tenant: Tenant) -> None:
    lost = App(replace(app.runtime, realtime=Realtime(offline())))
    assert (await lost.call("POST", "auth/logout", {}, token=tenant.token)).status == 204
    assert (await app.call("GET", "incidents", token=tenant.token)).status == 401
    await lost.runtime.realtime.close()
    await lost.mailbox.close()
