"""What an outage of Redis does, with a Redis of the test's own."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError
from azure.core.exceptions import HttpResponseError

from scripts.devstack.ports import free_port
from scripts.devstack.redis import launch_redis
from scripts.devstack.services import Service
from scripts.devstack.state import State
from scripts.devstack.webpubsub.settings import Settings
from tests.scripts.devstack.webpubsub.conftest import KEY, StandIn, Start
from tests.scripts.devstack.webpubsub.conversation import PATIENCE
from tests.waiting import eventually


class Outage:
    """A Redis that can be away."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._port = free_port()
        self._service = self._launch()
        self.url = self._service.url

    def begin(self) -> None:
        self._service.stop()

    def end(self) -> None:
        self._service = self._launch()

    def _launch(self) -> Service:
        return launch_redis(self._state, port=self._port, durable=False).await_ready()


@pytest.fixture
def outage(tmp_path: Path) -> Iterator[Outage]:
    outage = Outage(State.open(tmp_path))
    yield outage
    outage.begin()


@pytest.fixture
def settings(outage: Outage) -> Settings:
    return Settings(outage.url, KEY)


async def until_health_is(stand_in: StandIn, status: int) -> None:
    async def is_so() -> bool:
        async with stand_in.session.get(f"{stand_in.url}/api/health") as response:
            return response.status == status

    await eventually(is_so)


async def test_clients_stay_connected_over_a_restart_and_hear_again(start: Start, outage: Outage) -> None:
    stand_in = await start()
    client = await stand_in.connect("ann", groups=["g"])

    outage.begin()
    await until_health_is(stand_in, 503)
    outage.end()
    await until_health_is(stand_in, 200)
    await stand_in.service.send_to_group("g", "again")

    assert await client.receive_data() == ["again"]


async def test_a_restarted_redis_knows_again_who_is_connected(start: Start, outage: Outage) -> None:
    stand_in = await start()
    await stand_in.connect("ann", groups=["g"])

    outage.begin()
    await until_health_is(stand_in, 503)
    outage.end()

    await eventually(lambda: is_known(stand_in, "ann"))


async def is_known(stand_in: StandIn, user: str) -> bool:
    try:
        return bool(await stand_in.service.user_exists(user))
    except HttpResponseError:
        return False


async def test_during_an_outage_callers_are_told_to_try_again(start: Start, outage: Outage) -> None:
    stand_in = await start()
    client = await stand_in.connect(roles=["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"])
    outage.begin()

    with pytest.raises(HttpResponseError) as refusal:
        await stand_in.service.send_to_all({})
    sent = await client.do(1, type="sendToGroup", group="g", data=1)
    joined = await client.do(2, type="joinGroup", group="g")
    with pytest.raises(WSServerHandshakeError) as handshake:
        await stand_in.connect()

    assert refusal.value.status_code == 503
    assert [answer["error"]["name"] for answer in (sent, joined)] == ["InternalServerError"] * 2
    assert handshake.value.status == 503


async def test_a_process_may_start_before_redis(start: Start, outage: Outage) -> None:
    outage.begin()
    starting = asyncio.ensure_future(start())
    await asyncio.sleep(0)

    outage.end()
    stand_in = await asyncio.wait_for(starting, PATIENCE)

    await stand_in.connect("ann")
    assert await stand_in.service.user_exists("ann")
