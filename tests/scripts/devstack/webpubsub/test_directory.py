from uuid import uuid4

from scripts.devstack.webpubsub import bus
from scripts.devstack.webpubsub.connections import Connection
from scripts.devstack.webpubsub.directory import Directory
from scripts.devstack.webpubsub.protocol import PLAIN
from scripts.devstack.webpubsub.settings import Limits
from tests.waiting import eventually


def connection(hub: str, *groups: str) -> Connection:
    return Connection(
        id=uuid4().hex,
        hub=hub,
        user_id="ann",
        subprotocol=PLAIN,
        origin="localhost",
        groups=set(groups),
        roles=frozenset(),
        limits=Limits(),
    )


async def test_what_its_process_does_not_renew_expires(redis_url: str) -> None:
    hub = uuid4().hex
    async with bus.connect(redis_url) as redis:
        directory = Directory(redis, ttl=0.3)
        await directory.save([connection(hub, "g")])
        known = await directory.has_user(hub, "ann"), await directory.has_group(hub, "g")

        async def is_forgotten() -> bool:
            return not (await directory.of_hub(hub) or await directory.has_group(hub, "g"))

        async def is_erased() -> bool:
            return not [key async for key in redis.scan_iter(f"awps:{hub}:*")]

        await eventually(is_forgotten)
        await eventually(is_erased)

    assert known == (True, True)


async def test_saving_again_forgets_groups_that_were_left(redis_url: str) -> None:
    hub = uuid4().hex
    async with bus.connect(redis_url) as redis:
        directory = Directory(redis, ttl=5)
        client = connection(hub, "a", "b")
        await directory.save([client])
        client.groups.remove("a")

        await directory.save([client])

        assert [await directory.has_group(hub, group) for group in "ab"] == [False, True]


async def test_more_connections_than_fit_a_batch_are_all_entered(redis_url: str) -> None:
    hub = uuid4().hex
    async with bus.connect(redis_url) as redis:
        directory = Directory(redis, ttl=5)

        await directory.save(connection(hub) for _ in range(250))

        assert len(await directory.of_user(hub, "ann")) == 250
