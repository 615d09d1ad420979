"""The data plane as the official service SDK uses it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from tests.scripts.devstack.webpubsub.conftest import KEY, StandIn

ODD_USER = "t/1:ünï %2F? #x"


async def call(stand_in: StandIn, method: str, path: str, **details: Any) -> int:
    """The status of a call that the Python SDK has no method for."""
    request = HttpRequest(method, f"{stand_in.url}/api/hubs/{stand_in.hub}{path}", **details)
    return int((await stand_in.service.send_request(request)).status_code)


@pytest.mark.parametrize(
    ("message", "content_type", "data_type", "data"),
    [
        ({"a": [1, "ü"]}, "application/json", "json", {"a": [1, "ü"]}),
        ("a string", "application/json", "json", "a string"),
        ("a string", "text/plain", "text", "a string"),
        (b"\x00\xff", "application/octet-stream", "binary", "AP8="),
    ],
)
async def test_a_message_arrives_as_what_it_was_sent(
    stand_in: StandIn, message: Any, content_type: str, data_type: str, data: object
) -> None:
    client = await stand_in.connect(groups=["g"])

    await stand_in.service.send_to_group("g", message, content_type=content_type)

    assert await client.receive() == {
        "sequenceId": 1,
        "type": "message",
        "from": "group",
        "group": "g",
        "dataType": data_type,
        "data": data,
    }


async def test_a_message_reaches_those_it_is_for(stand_in: StandIn) -> None:
    ann, bob = [await stand_in.connect(user, groups=[f"of.{user}"]) for user in ("ann", "bob")]
    service = stand_in.service

    await service.send_to_all("all", content_type="text/plain")
    await service.send_to_user("ann", "user", content_type="text/plain")
    await service.send_to_group("of.ann", "group", content_type="text/plain")
    await service.send_to_connection(bob.id, "connection", content_type="text/plain")
    await service.send_to_all("but ann", content_type="text/plain", excluded=[ann.id, "unknown"])
    await service.send_to_all("only ann", content_type="text/plain", filter="userId eq 'ann' and 'of.ann' in groups")

    assert await ann.receive_data() == ["all", "user", "group", "only ann"]
    assert await bob.receive_data() == ["all", "connection", "but ann"]


async def test_messages_not_to_a_group_come_from_the_server(stand_in: StandIn) -> None:
    client = await stand_in.connect("ann")

    await stand_in.service.send_to_user("ann", {"x": 1})

    assert (await client.receive())["from"] == "server"


async def test_a_message_to_nobody_is_accepted(stand_in: StandIn) -> None:
    service = stand_in.service
    await service.send_to_all({})
    await service.send_to_group("nobody", {})
    await service.send_to_user("nobody", {})
    await service.send_to_connection("nobody", {})


async def test_hubs_are_apart_and_without_case(stand_in: StandIn) -> None:
    client = await stand_in.connect(groups=["g"])
    async with (
        service(stand_in, hub=f"other{stand_in.hub}") as other,
        service(stand_in, hub=stand_in.hub.upper()) as same,
    ):
        await other.send_to_group("g", "other")
        await same.send_to_group("g", "same")

    assert await client.receive_data() == ["same"]


def service(stand_in: StandIn, *, hub: str, key: str = KEY) -> WebPubSubServiceClient:
    return WebPubSubServiceClient.from_connection_string(f"Endpoint={stand_in.url};AccessKey={key}", hub, retry_total=0)


async def test_names_with_odd_characters_are_names(stand_in: StandIn) -> None:
    client = await stand_in.connect(ODD_USER)

    await stand_in.service.add_user_to_group("g/ü %", ODD_USER)
    await stand_in.service.send_to_group("g/ü %", "here")

    assert await stand_in.service.user_exists(ODD_USER)
    assert (await client.receive())["group"] == "g/ü %"


async def test_what_exists_is_told(stand_in: StandIn) -> None:
    client = await stand_in.connect("ann", groups=["g"])
    checks: list[tuple[Callable[[str], Awaitable[bool]], str]] = [
        (stand_in.service.connection_exists, client.id),
        (stand_in.service.user_exists, "ann"),
        (stand_in.service.group_exists, "g"),
    ]

    assert [await exists(name) for exists, name in checks] == [True] * 3
    assert [await exists("other") for exists, _ in checks] == [False] * 3


async def test_a_connection_enters_and_leaves_groups(stand_in: StandIn) -> None:
    client = await stand_in.connect()
    service = stand_in.service

    await service.add_connection_to_group("g", client.id)
    entered = await service.group_exists("g")
    await service.send_to_group("g", "in")
    await service.remove_connection_from_group("g", client.id)
    left = not await service.group_exists("g")
    await service.send_to_group("g", "out")

    assert (entered, left) == (True, True)
    assert await client.receive_data() == ["in"]


async def test_a_user_enters_and_leaves_groups_with_every_connection(stand_in: StandIn) -> None:
    first, second = [await stand_in.connect("ann") for _ in range(2)]
    service = stand_in.service

    await service.add_user_to_group("g", "ann")
    await service.send_to_group("g", "in")
    await service.remove_user_from_group("g", "ann")
    await service.send_to_group("g", "out")

    assert [await client.receive_data() for client in (first, second)] == [["in"], ["in"]]


async def test_all_groups_are_left_at_once(stand_in: StandIn) -> None:
    client = await stand_in.connect("ann", groups=["a", "b"])
    service = stand_in.service

    await service.remove_connection_from_all_groups(client.id)
    assert not await service.group_exists("a")
    await service.add_user_to_group("c", "ann")
    await service.remove_user_from_all_groups("ann")
    for group in "abc":
        await service.send_to_group(group, "out")

    assert await client.receive_data() == []


async def test_groups_of_connections_chosen_by_a_filter(stand_in: StandIn) -> None:
    ann, bob = [await stand_in.connect(user) for user in ("ann", "bob")]
    everybody, only_bob = {"groups": ["a", "b"]}, {"groups": ["a"], "filter": "userId eq 'bob'"}

    assert await call(stand_in, "POST", "/:addToGroups", json=everybody) == 200
    assert await call(stand_in, "POST", "/:removeFromGroups", json=only_bob) == 200
    await stand_in.service.send_to_group("a", "a")
    await stand_in.service.send_to_group("b", "b")

    assert await ann.receive_data() == ["a", "b"]
    assert await bob.receive_data() == ["b"]


async def test_whoever_is_not_connected_cannot_enter_a_group(stand_in: StandIn) -> None:
    with pytest.raises(ResourceNotFoundError):
        await stand_in.service.add_user_to_group("g", "nobody")
    with pytest.raises(ResourceNotFoundError):
        await stand_in.service.add_connection_to_group("g", "nobody")
    await stand_in.service.remove_user_from_group("g", "nobody")
    await stand_in.service.remove_user_from_all_groups("nobody")
    await stand_in.service.remove_connection_from_all_groups("nobody")


@pytest.mark.parametrize(
    ("top", "size", "pages"), [(None, 2, [2, 2, 1]), (3, 2, [2, 1]), (5, 5, [5]), (None, 200, [5])]
)
async def test_members_of_a_group_come_in_pages(
    stand_in: StandIn, top: int | None, size: int, pages: list[int]
) -> None:
    clients = [await stand_in.connect(f"user{number}", groups=["g"]) for number in range(5)]

    listing = stand_in.service.list_connections(group="g", top=top, maxpagesize=size)
    found = [[member async for member in page] async for page in listing.by_page()]

    users = {client.id: client.connected["userId"] for client in clients}
    assert [len(page) for page in found] == pages
    members = [member for page in found for member in page]
    assert len({member.connection_id for member in members}) == sum(pages)
    assert all(users[member.connection_id] == member.user_id for member in members)


async def test_permissions_are_granted_and_revoked(stand_in: StandIn) -> None:
    client = await stand_in.connect()
    service = stand_in.service

    refused = await client.do(1, type="joinGroup", group="g")
    await service.grant_permission("joinLeaveGroup", client.id, target_name="g")
    granted = await service.has_permission("joinLeaveGroup", client.id, target_name="g")
    wider = await service.has_permission("joinLeaveGroup", client.id)
    joined = await client.do(2, type="joinGroup", group="g")
    await service.revoke_permission("joinLeaveGroup", client.id, target_name="g")
    revoked = not await service.has_permission("joinLeaveGroup", client.id, target_name="g")
    refused_again = await client.do(3, type="leaveGroup", group="g")

    assert (granted, wider, revoked) == (True, False, True)
    assert [refused["success"], joined["success"], refused_again["success"]] == [False, True, False]


async def test_permissions_of_nobody_cannot_be_changed(stand_in: StandIn) -> None:
    assert not await stand_in.service.has_permission("sendToGroup", "nobody")
    with pytest.raises(ResourceNotFoundError):
        await stand_in.service.grant_permission("sendToGroup", "nobody")


async def test_closing_tells_the_reason_and_spares_the_excluded(stand_in: StandIn) -> None:
    ann, bob, cid = [await stand_in.connect(user, groups=["g"]) for user in ("ann", "bob", "cid")]
    service = stand_in.service

    await service.close_connection(ann.id, reason="enough")
    assert await ann.receive() == {"type": "system", "event": "disconnected", "message": "enough"}
    assert await ann.closed() == 1000
    await service.close_user_connections("bob")
    assert await bob.closed() == 1000
    await service.close_group_connections("g", excluded=[cid.id])
    assert await cid.receive_data() == []
    await service.close_all_connections()
    assert await cid.closed() == 1000


async def test_a_token_can_be_had_from_the_service(stand_in: StandIn) -> None:
    request = HttpRequest(
        "POST",
        f"{stand_in.url}/api/hubs/{stand_in.hub}/:generateToken",
        params={"userId": "ann", "group": ["a", "b"], "role": "webpubsub.joinLeaveGroup", "minutesToExpire": "5"},
    )
    token = (await stand_in.service.send_request(request)).json()["token"]

    client = await stand_in.open(f"{stand_in.url}/client/hubs/{stand_in.hub}?access_token={token}")
    await stand_in.service.send_to_group("b", "here")

    assert client.connected["userId"] == "ann"
    assert await client.receive_data() == ["here"]
    assert (await client.do(type="joinGroup", group="c"))["success"]


@pytest.mark.parametrize(
    ("method", "path", "details", "status"),
    [
        ("POST", "/:send?filter=userId%20is%20'ann'", {"json": {}}, 400),
        ("POST", "/:send?messageTtlSeconds=301", {"json": {}}, 400),
        ("POST", "/:send?messageTtlSeconds=soon", {"json": {}}, 400),
        ("POST", "/:send?messageTtlSeconds=300", {"json": {}}, 202),
        ("POST", "/:send", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/:send", {"content": b"NaN", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/:send", {"content": b"<a/>", "headers": {"Content-Type": "application/xml"}}, 415),
        ("POST", "/groups/%20/:send", {"json": {}}, 400),
        ("HEAD", f"/groups/{'g' * 1025}", {}, 400),
        ("GET", "/groups/g/connections?maxpagesize=201", {}, 400),
        ("GET", "/groups/g/connections?top=0", {}, 400),
        ("POST", "/:addToGroups", {"json": {"groups": []}}, 400),
        ("POST", "/:addToGroups", {"json": {"groups": ["g"], "filter": "groups"}}, 400),
        ("POST", "/:generateToken?minutesToExpire=0", {}, 400),
        ("POST", "/:generateToken?clientType=MQTT", {}, 400),
        ("PUT", "/permissions/fly/connections/c", {}, 404),
        ("HEAD", "/permissions/fly/connections/c", {}, 404),
        ("POST", "/:unknown", {}, 404),
    ],
)
async def test_a_malformed_call_is_refused(
    stand_in: StandIn, method: str, path: str, details: dict[str, Any], status: int
) -> None:
    assert await call(stand_in, method, path, **details) == status


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_a_body_that_is_too_large_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(HttpResponseError) as refusal:
        await stand_in.service.send_to_all("x" * ((1 << 20) + 1), content_type="text/plain")

    assert refusal.value.status_code == 413


async def test_a_permission_that_there_is_not_is_refused(stand_in: StandIn) -> None:
    client = await stand_in.connect()

    assert await call(stand_in, "PUT", f"/permissions/fly/connections/{client.id}") == 400


async def test_a_hub_that_cannot_be_is_refused(stand_in: StandIn) -> None:
    async with service(stand_in, hub="1st") as odd:
        with pytest.raises(HttpResponseError) as refusal:
            await odd.send_to_all({})

    assert refusal.value.status_code == 400


async def test_only_the_access_key_opens_the_data_plane(stand_in: StandIn) -> None:
    async with service(stand_in, hub=stand_in.hub, key="x" * 40) as stranger:
        with pytest.raises(ClientAuthenticationError):
            await stranger.send_to_all({})
    async with stand_in.session.post(f"{stand_in.url}/api/hubs/{stand_in.hub}/:send", json={}) as response:
        assert response.status == 401


async def test_health_needs_no_token(stand_in: StandIn) -> None:
    async with stand_in.session.head(f"{stand_in.url}/api/health") as response:
        assert response.status == 200
