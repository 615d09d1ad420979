"""Events as an HTTP handler gets them."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError, web

from scripts.devstack.webpubsub.protocol import RELIABLE
from scripts.devstack.webpubsub.settings import EventHandler
from tests.scripts.devstack.webpubsub.conftest import KEY, StandIn, Start
from tests.scripts.devstack.webpubsub.conversation import PATIENCE

ALL_EVENTS = frozenset({"connect", "connected", "disconnected"})


@dataclass
class Handler:
    """A web application that notes what it is sent and answers as told."""

    url: str = ""
    allowed_origin: str = "*"
    answers: dict[str, Callable[[], web.Response]] = field(default_factory=dict)
    validations: list[web.Request] = field(default_factory=list)
    posts: asyncio.Queue[tuple[web.Request, Any]] = field(default_factory=asyncio.Queue)

    async def validate(self, request: web.Request) -> web.Response:
        self.validations.append(request)
        return web.Response(headers={"WebHook-Allowed-Origin": self.allowed_origin})

    async def post(self, request: web.Request) -> web.Response:
        self.posts.put_nowait((request, await (request.json() if is_json(request) else request.read())))
        return self.answers.get(request.headers["ce-eventName"], web.Response)()

    async def next(self, event_type: str) -> tuple[web.Request, Any]:
        """The next event, which must be of this type."""
        request, body = await asyncio.wait_for(self.posts.get(), PATIENCE)
        assert request.headers["ce-type"] == f"azure.webpubsub.{event_type}"
        return request, body


def is_json(request: web.Request) -> bool:
    return request.content_type == "application/json"


@pytest.fixture
async def handler() -> AsyncIterator[Handler]:
    handler = Handler()
    application = web.Application()
    application.add_routes(
        [
            web.options("/hooks/{hub}/{event}", handler.validate),
            web.post("/hooks/{hub}/{event}", handler.post),
        ]
    )
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    handler.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/{{hub}}/{{event}}?code=secret"
    yield handler
    await runner.cleanup()


@pytest.fixture
def start_with(start: Start, handler: Handler) -> Callable[..., Awaitable[StandIn]]:
    def start_one(system_events: frozenset[str] = ALL_EVENTS, user_events: str = "*") -> Awaitable[StandIn]:
        return start(event_handler=EventHandler(handler.url, system_events, frozenset({user_events})))

    return start_one


type StartWith = Callable[..., Awaitable[StandIn]]


async def test_a_connection_is_told_from_its_beginning_to_its_end(start_with: StartWith, handler: Handler) -> None:
    stand_in = await start_with()
    client = await stand_in.connect("ann", groups=["g"])
    await stand_in.service.close_connection(client.id, reason="enough")

    connect, question = await handler.next("sys.connect")
    connected, nothing = await handler.next("sys.connected")
    disconnected, end = await handler.next("sys.disconnected")

    assert connect.path_qs == f"/hooks/{stand_in.hub}/connect?code=secret"
    assert question["claims"]["sub"] == ["ann"]
    assert question["claims"]["webpubsub.group"] == ["g"]
    assert question["subprotocols"] == [RELIABLE]
    assert "access_token" not in question["query"]
    assert (nothing, end) == ({}, {"reason": "enough"})
    expected = {
        "ce-specversion": "1.0",
        "ce-awpsversion": "1.0",
        "ce-source": f"/hubs/{stand_in.hub}/client/{client.id}",
        "ce-hub": stand_in.hub,
        "ce-connectionId": client.id,
        "ce-userId": "ann",
        "ce-eventName": "connected",
        "ce-subprotocol": RELIABLE,
        "WebHook-Request-Origin": "127.0.0.1",
    }
    assert {name: connected.headers[name] for name in expected} == expected
    assert len({request.headers["ce-id"] for request in (connect, connected, disconnected)}) == 3


async def test_events_are_signed_with_the_access_key_first(start_with: StartWith, handler: Handler) -> None:
    client = await (await start_with()).connect()

    request, _ = await handler.next("sys.connect")

    primary, secondary = request.headers["ce-signature"].split(",")
    assert primary == "sha256=" + hmac.new(KEY.encode(), client.id.encode(), hashlib.sha256).hexdigest()
    assert secondary.startswith("sha256=")
    assert secondary != primary


async def test_a_handler_is_asked_once_whether_it_wants_events(start_with: StartWith, handler: Handler) -> None:
    handler.allowed_origin = "127.0.0.1"
    stand_in = await start_with()

    await stand_in.connect()
    await stand_in.connect()

    (validation,) = handler.validations
    assert validation.path == f"/hooks/{stand_in.hub}/validate"
    assert validation.headers["WebHook-Request-Origin"] == "127.0.0.1"


async def refused(stand_in: StandIn) -> int:
    with pytest.raises(WSServerHandshakeError) as refusal:
        await stand_in.connect()
    return refusal.value.status


async def test_a_handler_that_does_not_want_events_gets_none(start_with: StartWith, handler: Handler) -> None:
    handler.allowed_origin = "elsewhere.example"

    assert await refused(await start_with()) == 500
    assert handler.posts.empty()


async def test_a_handler_gives_a_client_its_name_groups_and_roles(start_with: StartWith, handler: Handler) -> None:
    handler.answers["connect"] = lambda: web.json_response(
        {"userId": "bob", "groups": ["g"], "roles": ["webpubsub.joinLeaveGroup.h"]}
    )
    stand_in = await start_with()
    client = await stand_in.connect("ann", groups=["of the token"])

    await stand_in.service.send_to_group("g", "g")
    await stand_in.service.send_to_group("of the token", "token")

    assert client.connected["userId"] == "bob"
    assert await client.receive_data() == ["g", "token"]
    assert (await client.do(type="joinGroup", group="h"))["success"]


@pytest.mark.parametrize(("answer", "status"), [(401, 401), (403, 403), (429, 429), (503, 500)])
async def test_a_handler_can_refuse_a_client(start_with: StartWith, handler: Handler, answer: int, status: int) -> None:
    handler.answers["connect"] = lambda: web.Response(status=answer)
    stand_in = await start_with()

    assert await refused(stand_in) == status
    assert not await stand_in.service.group_exists("g")


async def test_a_handler_that_talks_nonsense_refuses(start_with: StartWith, handler: Handler) -> None:
    handler.answers["connect"] = lambda: web.Response(text="welcome")

    assert await refused(await start_with()) == 500


async def test_user_events_reach_the_handler_and_its_answer_the_client(start_with: StartWith, handler: Handler) -> None:
    handler.answers["greet"] = lambda: web.Response(text="hello", headers={"ce-connectionState": "e30="})
    client = await (await start_with(frozenset())).connect("ann")

    await client.send(type="event", event="greet", dataType="json", data={"x": 1}, ackId=1)
    reply, ack = await client.receive(), await client.receive()
    await client.send(type="event", event="other", dataType="binary", data="AP8=")

    greeting, body = await handler.next("user.greet")
    other, raw = await handler.next("user.other")
    assert (reply["from"], reply["dataType"], reply["data"]) == ("server", "text", "hello")
    assert ack == {"type": "ack", "ackId": 1, "success": True}
    assert (body, raw) == ({"x": 1}, b"\x00\xff")
    assert "ce-connectionState" not in greeting.headers
    assert other.headers["ce-connectionState"] == "e30="


async def test_a_failed_user_event_is_a_failed_operation(start_with: StartWith, handler: Handler) -> None:
    handler.answers["fail"] = lambda: web.Response(status=500)
    client = await (await start_with()).connect()

    failed = await client.do(1, type="event", event="fail", data=1)
    again = await client.do(1, type="event", event="fail", data=1)

    assert [answer["error"]["name"] for answer in (failed, again)] == ["InternalServerError"] * 2


@pytest.mark.parametrize("user_events", ["other", ""])
async def test_an_event_that_nobody_handles_fails(start_with: StartWith, user_events: str) -> None:
    client = await (await start_with(user_events=user_events)).connect()

    assert not (await client.do(type="event", event="greet", data=1))["success"]


async def test_without_a_handler_events_fail_and_connections_do_not(stand_in: StandIn) -> None:
    client = await stand_in.connect()

    assert not (await client.do(type="event", event="greet", data=1))["success"]


async def test_a_handler_that_is_away_delays_no_connection(start: Start) -> None:
    stand_in = await start(event_handler=EventHandler("http://127.0.0.1:9/{event}"))

    client = await stand_in.connect()

    assert await client.receive_data() == []


async def test_recovery_is_no_news(start_with: StartWith, handler: Handler) -> None:
    stand_in = await start_with(frozenset({"connected", "disconnected"}))
    client = await stand_in.connect()
    client.cut()
    again = await stand_in.open(stand_in.recovery_url(client))
    await again.websocket.close(code=1000)

    await handler.next("sys.connected")
    await handler.next("sys.disconnected")
    assert handler.posts.empty()


async def test_a_service_that_ends_tells_of_every_connection(start_with: StartWith, handler: Handler) -> None:
    stand_in = await start_with(frozenset({"disconnected"}))
    client = await stand_in.connect()
    others = [await stand_in.connect() for _ in range(2)]
    closed = asyncio.create_task(client.closed())

    await stand_in.end()

    gone = {(await handler.next("sys.disconnected"))[0].headers["ce-connectionId"] for _ in range(3)}
    assert gone == {each.id for each in (client, *others)}
    assert await closed == 1001
