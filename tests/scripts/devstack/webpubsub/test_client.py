"""The client endpoint, message by message."""

import asyncio
import time

import jwt
import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from scripts.devstack.webpubsub.protocol import PLAIN, RELIABLE
from scripts.devstack.webpubsub.settings import Limits
from scripts.devstack.webpubsub.tokens import CLOCK_SKEW, issue_reconnection_token
from tests.scripts.devstack.webpubsub.conftest import KEY, StandIn, Start
from tests.scripts.devstack.webpubsub.conversation import Conversation, closed
from tests.waiting import eventually

MAY_JOIN = "webpubsub.joinLeaveGroup"
MAY_SEND = "webpubsub.sendToGroup"


async def refusal(session: ClientSession, url: str, *protocols: str) -> int:
    with pytest.raises(WSServerHandshakeError) as error:
        await session.ws_connect(url, protocols=protocols)
    return error.value.status


@pytest.mark.parametrize("subprotocol", [PLAIN, RELIABLE])
async def test_the_first_message_says_who_one_is(stand_in: StandIn, subprotocol: str) -> None:
    client = await stand_in.connect("ann", subprotocol=subprotocol)

    assert client.websocket.protocol == subprotocol
    expected = {"type": "system", "event": "connected", "userId": "ann", "connectionId": client.id}
    assert {name: client.connected[name] for name in expected} == expected
    assert ("reconnectionToken" in client.connected) is (subprotocol == RELIABLE)


async def test_a_client_without_a_valid_token_is_refused(stand_in: StandIn) -> None:
    url = f"{stand_in.url}/client/hubs/{stand_in.hub}"
    other_hub = (await stand_in.client_url()).replace(stand_in.hub, f"{stand_in.hub}x")

    for attempt in (url, f"{url}?access_token=x", other_hub.replace("ws://", "http://")):
        assert await refusal(stand_in.session, attempt, RELIABLE) == 401


async def test_the_token_may_come_as_a_header_and_the_hub_in_the_query(stand_in: StandIn) -> None:
    token = (await stand_in.client_url("ann")).partition("access_token=")[2]

    async with stand_in.session.ws_connect(
        f"{stand_in.url}/client/?hub={stand_in.hub}",
        protocols=[PLAIN],
        headers={"Authorization": f"Bearer {token}"},
    ) as websocket:
        assert (await websocket.receive_json())["userId"] == "ann"


async def test_only_the_json_subprotocols_are_spoken(stand_in: StandIn) -> None:
    url = await stand_in.client_url()

    assert await refusal(stand_in.session, url) == 400
    assert await refusal(stand_in.session, url, "protobuf.webpubsub.azure.v1") == 400


async def test_a_request_that_is_no_websocket_is_refused(stand_in: StandIn) -> None:
    async with stand_in.session.get((await stand_in.client_url()).replace("ws://", "http://")) as response:
        assert response.status == 400


async def test_a_token_with_a_group_that_cannot_be_is_refused(stand_in: StandIn) -> None:
    assert await refusal(stand_in.session, await stand_in.client_url(groups=[" "]), RELIABLE) == 400


@pytest.mark.parametrize("roles", [[], ["webpubsub.sendToGroup.g"], ["webpubsub.joinLeaveGroups.h.**"]])
async def test_joining_needs_a_role(stand_in: StandIn, roles: list[str]) -> None:
    client = await stand_in.connect(roles=roles)

    for operation in ("joinGroup", "leaveGroup"):
        answer = await client.do(type=operation, group="g")
        assert (answer["success"], answer["error"]["name"]) == (False, "Forbidden")


async def test_sending_needs_a_role(stand_in: StandIn) -> None:
    client = await stand_in.connect(roles=[MAY_JOIN], groups=["g"])

    answer = await client.do(type="sendToGroup", group="g", data=1)

    assert answer["error"]["name"] == "Forbidden"
    assert await client.receive_data() == []


async def test_a_client_joins_sends_and_leaves(stand_in: StandIn) -> None:
    sender = await stand_in.connect("ann", roles=[MAY_SEND])
    member = await stand_in.connect(roles=["webpubsub.joinLeaveGroups.a.*"])

    assert await member.do(1, type="joinGroup", group="a.b") == {"type": "ack", "ackId": 1, "success": True}
    assert await stand_in.service.group_exists("a.b")
    await sender.do(1, type="sendToGroup", group="a.b", dataType="text", data="hello")
    message = await member.receive()
    await member.do(2, type="leaveGroup", group="a.b")
    await sender.do(2, type="sendToGroup", group="a.b", data="late")

    assert message == {
        "sequenceId": 1,
        "type": "message",
        "from": "group",
        "group": "a.b",
        "fromUserId": "ann",
        "dataType": "text",
        "data": "hello",
    }
    assert await member.receive_data() == []
    assert not await stand_in.service.group_exists("a.b")


async def test_a_sender_hears_itself_unless_it_would_rather_not(stand_in: StandIn) -> None:
    client = await stand_in.connect(roles=[MAY_SEND], groups=["g"], subprotocol=PLAIN)

    await client.send(type="sendToGroup", group="g", data="quiet", noEcho=True)
    await client.send(type="sendToGroup", group="g", data="loud")

    assert (await client.receive())["data"] == "loud"


async def test_an_operation_is_done_once(stand_in: StandIn) -> None:
    client = await stand_in.connect(roles=[MAY_SEND])
    member = await stand_in.connect(groups=["g"])

    answers = [await client.do(5, type="sendToGroup", group="g", data=1) for _ in range(2)]

    assert [answer["success"] for answer in answers] == [True, False]
    assert answers[1]["error"]["name"] == "Duplicate"
    assert await member.receive_data() == [1]


async def test_a_failed_operation_may_be_tried_again(stand_in: StandIn) -> None:
    client = await stand_in.connect()

    await client.do(5, type="joinGroup", group="g")
    await stand_in.service.grant_permission("joinLeaveGroup", client.id)

    assert (await client.do(5, type="joinGroup", group="g"))["success"]


async def test_a_ping_is_answered(stand_in: StandIn) -> None:
    client = await stand_in.connect()

    await client.send(type="ping")

    assert await client.receive() == {"type": "pong"}


@pytest.mark.parametrize("frame", ["{", '{"type":"joinGroup"}', b"bytes"])
async def test_a_malformed_message_ends_the_connection(stand_in: StandIn, frame: str | bytes) -> None:
    client = await stand_in.connect("ann")

    await (client.websocket.send_str(frame) if isinstance(frame, str) else client.websocket.send_bytes(frame))

    assert (await client.receive())["event"] == "disconnected"
    assert await client.closed() == 1008
    await until_gone(stand_in, "ann")


async def test_a_frame_that_is_too_large_ends_the_connection(stand_in: StandIn) -> None:
    client = await stand_in.connect()

    await client.websocket.send_str("x" * ((1 << 20) + 1))

    assert await client.closed() == 1009


async def until_gone(stand_in: StandIn, user: str) -> None:
    async def is_so() -> bool:
        return not await stand_in.service.user_exists(user)

    await eventually(is_so)


async def test_a_goodbye_ends_the_connection(stand_in: StandIn) -> None:
    client = await stand_in.connect("ann")

    await client.websocket.close(code=1000)

    await until_gone(stand_in, "ann")


async def test_a_plain_connection_ends_with_its_socket(stand_in: StandIn) -> None:
    client = await stand_in.connect("ann", subprotocol=PLAIN)

    client.cut()

    await until_gone(stand_in, "ann")


async def test_a_cut_connection_is_recovered_with_everything_it_missed(stand_in: StandIn) -> None:
    client = await stand_in.connect("ann", groups=["g"])
    await stand_in.service.send_to_group("g", "1")
    await client.receive()
    await client.send(type="sequenceAck", sequenceId=1)
    await client.receive_data()
    client.cut()
    await stand_in.service.send_to_group("g", "2")
    await stand_in.service.send_to_user("ann", "3")

    again = await stand_in.open(stand_in.recovery_url(client))
    await stand_in.service.send_to_group("g", "4")

    assert again.id == client.id
    assert [await again.receive() for _ in range(3)] == [
        {"sequenceId": 2, "type": "message", "from": "group", "group": "g", "dataType": "json", "data": "2"},
        {"sequenceId": 3, "type": "message", "from": "server", "dataType": "json", "data": "3"},
        {"sequenceId": 4, "type": "message", "from": "group", "group": "g", "dataType": "json", "data": "4"},
    ]


async def test_a_connection_is_recovered_again_and_again(stand_in: StandIn) -> None:
    client = await stand_in.connect("ann")

    for _ in range(3):
        client.cut()
        client = await stand_in.open(stand_in.recovery_url(client))

    await stand_in.service.send_to_user("ann", "here")
    assert await client.receive_data() == ["here"]


async def test_recovery_takes_over_from_a_socket_that_seems_alive(stand_in: StandIn) -> None:
    first = await stand_in.connect("ann")

    second = await stand_in.open(stand_in.recovery_url(first))

    assert await first.closed() == 1006
    await stand_in.service.send_to_user("ann", "here")
    assert await second.receive_data() == ["here"]


async def test_recovery_does_not_look_at_the_expired_access_token(stand_in: StandIn) -> None:
    expired = jwt.encode(
        {"aud": f"/client/hubs/{stand_in.hub}", "exp": time.time() - CLOCK_SKEW - 1}, KEY, algorithm="HS256"
    )
    client = await stand_in.connect()
    client.cut()

    again = await stand_in.open(f"{stand_in.recovery_url(client)}&access_token={expired}")
    afresh = f"{stand_in.url}/client/hubs/{stand_in.hub}?access_token={expired}"

    assert again.id == client.id
    assert await refusal(stand_in.session, afresh, RELIABLE) == 401


async def test_recovery_that_fails_opens_and_closes(stand_in: StandIn) -> None:
    client = await stand_in.connect()
    plain = await stand_in.connect(subprotocol=PLAIN)
    ended = await stand_in.connect()
    await ended.websocket.close(code=1000)
    unknown = Conversation(client.websocket, {"connectionId": "unknown", "reconnectionToken": "x"})

    for url in (
        stand_in.recovery_url(unknown),
        stand_in.recovery_url(client, token="x"),
        stand_in.recovery_url(client, token=issue_reconnection_token(KEY, "another")),
        stand_in.recovery_url(plain, token=issue_reconnection_token(KEY, plain.id)),
        stand_in.recovery_url(ended),
    ):
        async with stand_in.session.ws_connect(url, protocols=[RELIABLE]) as websocket:
            assert await closed(websocket) == 1008


async def test_whoever_does_not_come_back_is_gone(start: Start) -> None:
    stand_in = await start(session_keep=0.2)
    client = await stand_in.connect("ann")

    client.cut()

    await until_gone(stand_in, "ann")
    async with stand_in.session.ws_connect(stand_in.recovery_url(client), protocols=[RELIABLE]) as websocket:
        assert await closed(websocket) == 1008


async def test_a_message_is_not_replayed_after_its_time(stand_in: StandIn) -> None:
    client = await stand_in.connect("ann")
    client.cut()
    await send_for_a_second(stand_in, "short")
    await stand_in.service.send_to_user("ann", "long")
    await asyncio.sleep(1.05)  # the time itself is what is tested

    again = await stand_in.open(stand_in.recovery_url(client))

    assert await again.receive_data() == ["long"]


async def send_for_a_second(stand_in: StandIn, text: str) -> None:
    """The SDK's own parameter raises TypeError in 1.3.0."""
    await stand_in.service.send_to_user("ann", text, params={"messageTtlSeconds": "1"})


async def test_a_client_that_acknowledges_nothing_is_closed_and_cannot_recover(start: Start) -> None:
    stand_in = await start(limits=Limits(messages=3))
    client = await stand_in.connect("ann")

    for number in range(4):
        await stand_in.service.send_to_user("ann", str(number))

    assert await client.closed() == 1008
    async with stand_in.session.ws_connect(stand_in.recovery_url(client), protocols=[RELIABLE]) as websocket:
        assert await closed(websocket) == 1008


@pytest.mark.parametrize("subprotocol", [PLAIN, RELIABLE])
async def test_a_slow_reader_is_evicted_and_harms_nobody(start: Start, subprotocol: str) -> None:
    stand_in = await start(limits=Limits(size=4 << 20))
    slow = await stand_in.connect("slow", groups=["g"], subprotocol=subprotocol)
    quick = await stand_in.connect("quick", groups=["g"], subprotocol=subprotocol)
    slow.websocket._reader._protocol.pause_reading()  # as a frozen browser tab
    sent, seen = 0, 0

    while await stand_in.service.user_exists("slow"):
        await stand_in.service.send_to_group("g", "x" * 500_000, content_type="text/plain")
        sent += 1
        seen += len(await quick.receive_data())
        await quick.send(type="sequenceAck", sequenceId=sent)
        assert sent < 100

    slow.cut()
    assert seen == sent
    assert await stand_in.service.user_exists("quick")
