"""Several processes of the stand-in behave as one service."""

import asyncio

from scripts.devstack.webpubsub.settings import Limits
from tests.scripts.devstack.webpubsub.conftest import Start
from tests.scripts.devstack.webpubsub.conversation import Conversation
from tests.waiting import eventually


async def read_up_to(client: Conversation, last: str) -> list[object]:
    """Data of the messages until one says `last`, which is sent by another process and so takes its time."""
    found: list[object] = []
    while last not in found:
        found.append((await client.receive()).get("data"))
    return found


async def test_a_message_reaches_clients_of_every_process(start: Start) -> None:
    here, there = await start(), await start()
    clients = [await each.connect(groups=["g"]) for each in (here, there)]

    await here.service.send_to_group("g", "hello")

    for client in clients:
        assert (await client.receive())["data"] == "hello"


async def test_every_process_knows_who_is_connected(start: Start) -> None:
    here, there = await start(), await start()
    client = await here.connect("ann", groups=["g"], roles=["webpubsub.sendToGroup.h"])

    assert await there.service.connection_exists(client.id)
    assert await there.service.user_exists("ann")
    assert await there.service.group_exists("g")
    assert await there.service.has_permission("sendToGroup", client.id, target_name="h")
    assert [member.connection_id async for member in there.service.list_connections(group="g")] == [client.id]


async def test_groups_are_changed_from_any_process(start: Start) -> None:
    here, there = await start(), await start()
    client = await here.connect("ann", groups=["left"])
    service = there.service

    await service.add_user_to_group("joined", "ann")
    entered = await service.group_exists("joined")
    await service.remove_connection_from_group("left", client.id)
    left = not await service.group_exists("left")
    for group in ("left", "joined"):
        await service.send_to_group(group, group)

    assert (entered, left) == (True, True)
    assert await read_up_to(client, "joined") == ["joined"]


async def test_groups_left_right_after_they_were_entered_are_forgotten(start: Start) -> None:
    here, there = await start(directory_ttl=60), await start(directory_ttl=60)
    await here.connect("ann")

    for number in range(20):
        await there.service.add_user_to_group(f"g{number}", "ann")
    await there.service.remove_user_from_all_groups("ann")

    async def is_forgotten() -> bool:
        return not any([await there.service.group_exists(f"g{number}") for number in range(20)])

    await eventually(is_forgotten)


async def test_connections_are_closed_from_any_process(start: Start) -> None:
    here, there = await start(), await start()
    client = await here.connect("ann")

    await there.service.close_user_connections("ann")

    assert await client.closed() == 1000


async def test_connections_of_a_process_that_ended_are_gone(start: Start) -> None:
    here, there = await start(), await start()
    await here.connect("ann", groups=["g"])

    await here.end()

    assert not await there.service.user_exists("ann")
    assert not await there.service.group_exists("g")


async def test_who_stays_connected_is_known_for_longer_than_an_entry_lives(start: Start) -> None:
    stand_in = await start(directory_ttl=0.3)
    client = await stand_in.connect("ann", groups=["g"])

    await asyncio.sleep(0.8)  # the time itself is what is tested

    assert await stand_in.service.user_exists("ann")
    assert await stand_in.service.group_exists("g")
    assert await stand_in.service.connection_exists(client.id)


async def test_a_slow_client_of_one_process_does_not_close_those_of_another(start: Start) -> None:
    strict, lenient = await start(limits=Limits(messages=1)), await start()
    evicted = await strict.connect(groups=["g"])
    kept = await lenient.connect(groups=["g"])

    for text in ("one", "two", "three"):
        await lenient.service.send_to_group("g", text)

    assert await evicted.closed() == 1008
    assert await read_up_to(kept, "three") == ["one", "two", "three"]
