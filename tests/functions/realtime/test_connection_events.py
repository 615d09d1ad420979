"""Live connections are counted from what Web PubSub tells, whatever is told twice, too late, or never."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import permutations
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from shared.platform.cache import Cache
from shared.platform.connections import CHECK_AFTER, Connections, ConnectionsAway
from shared.platform.realtime import Realtime, RealtimeAway
from shared.platform.settings import Settings
from tests.fixtures import App, Tenant
from tests.shared.platform.offline import offline

pytestmark = pytest.mark.xdist_group("connections")  # all of them are one set in Redis

OPENED, CLOSED = "azure.webpubsub.sys.connected", "azure.webpubsub.sys.disconnected"


def access_key(settings: Settings) -> str:
    return settings.webpubsub.get_secret_value().partition("AccessKey=")[2].partition(";")[0]


def signature(key: str, connection_id: str) -> str:
    return "sha256=" + hmac.new(key.encode(), connection_id.encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def connection_id() -> str:
    return uuid4().hex


async def tell(app: App, event: str, connection_id: str, signed: str | None = None) -> int:
    """Post an event as Web PubSub does, with the signatures of both its keys."""
    right = signature(access_key(app.runtime.settings), connection_id)
    headers = {
        "content-type": "application/json; charset=utf-8",
        "ce-type": event,
        "ce-connectionid": connection_id,
        "ce-signature": f"{signature('another key', connection_id)},{right}" if signed is None else signed,
    }
    return (await app.call("POST", "realtime/events", {}, headers=headers)).status


@asynccontextmanager
async def connected(app: App, token: str) -> AsyncIterator[str]:
    """A client that is connected; gives its connection's id."""
    url = (await app.call("POST", "realtime/negotiate", token=token)).json["url"]
    async with ClientSession() as http, http.ws_connect(url, protocols=["json.webpubsub.azure.v1"]) as socket:
        yield str((await socket.receive_json(timeout=10))["connectionId"])


async def is_counted(app: App, connection_id: str) -> bool:
    """Whether a connection is among those that are open; other tests have connections of their own."""
    script = "return redis.call('ZSCORE', KEYS[1], ARGV[1]) or ''"
    return bool(await app.runtime.patient_cache.run(script, ["{realtime}:open"], [connection_id]))


async def test_a_connection_counts_from_its_beginning_to_its_end(app: App, connection_id: str) -> None:
    assert await tell(app, OPENED, connection_id) == 204
    assert await is_counted(app, connection_id)
    assert (await app.runtime.connections.readings())[0].value >= 1
    assert await tell(app, CLOSED, connection_id) == 204
    assert not await is_counted(app, connection_id)


ORDERS = sorted({order for third in (OPENED, CLOSED) for order in permutations((OPENED, CLOSED, third))})


@pytest.mark.parametrize("events", ORDERS)
async def test_events_may_come_twice_and_in_any_order(app: App, connection_id: str, events: tuple[str, ...]) -> None:
    for event in events:
        assert await tell(app, event, connection_id) == 204
    assert not await is_counted(app, connection_id)


async def test_an_event_that_is_told_twice_counts_once(app: App, connection_id: str) -> None:
    before = (await app.runtime.connections.readings())[0].value
    for _ in range(3):
        await tell(app, OPENED, connection_id)
    after = (await app.runtime.connections.readings())[0].value
    await tell(app, CLOSED, connection_id)
    assert after <= before + 1


@pytest.mark.parametrize("signed", ["", "sha256=", "sha256=" + "0" * 64, "ü", "," * 10_000])
async def test_an_event_that_the_service_has_not_signed_is_refused(app: App, connection_id: str, signed: str) -> None:
    assert await tell(app, OPENED, connection_id, signed) == 401
    assert not await is_counted(app, connection_id)


async def test_a_signature_is_good_for_its_own_connection_alone(app: App, connection_id: str) -> None:
    another = signature(access_key(app.runtime.settings), uuid4().hex)
    assert await tell(app, OPENED, connection_id, another) == 401


async def test_an_identity_s_deployment_names_the_signing_keys_by_themselves(connection_id: str) -> None:
    changes = {"WebPubSubConnectionString": "", "WEBPUBSUB_ENDPOINT": "https://Live.webpubsub.azure.com"}
    with_keys = Realtime(offline(**changes, WEBPUBSUB_EVENT_KEYS="first, second"))
    without = Realtime(offline(**changes))
    for realtime, is_known in ((with_keys, True), (without, False)):
        assert realtime.has_signed(connection_id, signature("second", connection_id)) is is_known
        assert realtime.is_ours("live.webpubsub.azure.com")
        assert not realtime.is_ours("other.webpubsub.azure.com")
        assert not realtime.is_ours("")
    assert not without.has_signed(connection_id, signature("", connection_id))


async def test_the_service_s_events_are_not_limited(app: App, connection_id: str) -> None:
    settings = app.runtime.settings.model_copy(update={"rate_limit": 1})
    limited = App(replace(app.runtime, settings=settings))
    assert [await tell(limited, OPENED, connection_id) for _ in range(4)] == [204] * 4
    await tell(app, CLOSED, connection_id)


async def test_other_events_change_nothing(app: App, connection_id: str) -> None:
    assert await tell(app, "azure.webpubsub.user.message", connection_id) == 204
    assert not await is_counted(app, connection_id)


async def test_our_own_service_may_send_events_and_no_other(app: App) -> None:
    ours = await app.call("OPTIONS", "realtime/events", headers={"webhook-request-origin": "127.0.0.1"})
    assert (ours.status, ours.headers["WebHook-Allowed-Origin"]) == (204, "127.0.0.1")
    for origin in ({"webhook-request-origin": "evil.example"}, {}):
        other = await app.call("OPTIONS", "realtime/events", headers=origin)
        assert "WebHook-Allowed-Origin" not in other.headers


async def test_while_redis_is_away_the_service_is_told_so(app: App, connection_id: str) -> None:
    nowhere = Cache(offline())
    away = App(replace(app.runtime, connections=Connections(nowhere, app.runtime.realtime)))
    assert await tell(away, OPENED, connection_id) == 503
    with pytest.raises(ConnectionsAway):
        await away.runtime.connections.readings()
    await nowhere.close()


async def test_a_lost_end_is_found_out_by_asking(app: App, tenant: Tenant, connection_id: str) -> None:
    await tell(app, OPENED, connection_id)
    async with connected(app, tenant.token) as living:
        await tell(app, OPENED, living)
        await app.runtime.connections.check()
        assert await is_counted(app, connection_id)  # something was heard of it a moment ago

        await app.runtime.connections.check(silent_for=0)
        assert [await is_counted(app, one) for one in (connection_id, living)] == [False, True]
    await tell(app, CLOSED, living)


async def test_the_timer_asks_about_those_that_nothing_was_heard_of_for_long(app: App, connection_id: str) -> None:
    await tell(app, OPENED, connection_id)
    silent = "return redis.call('ZINCRBY', KEYS[1], ARGV[1], ARGV[2])"
    await app.runtime.patient_cache.run(silent, ["{realtime}:open"], [-CHECK_AFTER - 1, connection_id])
    await app.tick("check_connections")
    assert not await is_counted(app, connection_id)


async def test_while_the_service_is_away_nobody_is_taken_for_gone(app: App, connection_id: str) -> None:
    nowhere = Realtime(offline())
    connections = Connections(app.runtime.patient_cache, nowhere)
    await connections.opened(connection_id)
    with pytest.raises(RealtimeAway):
        await connections.check(silent_for=0)
    assert await is_counted(app, connection_id)
    await connections.closed(connection_id)
    await nowhere.close()
