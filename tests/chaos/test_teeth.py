"""The proofs have teeth: each bug that is planted is noticed, by the cheapest of them that can."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from scripts.proof.chaos.links import Link, Snare
from shared.platform import faults
from shared.platform.queues import Queue, Queues
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode, Settings
from tests.chaos.crashing import Life, Trap, life_of
from tests.chaos.linked import Count, linked_runtime
from tests.chaos.plants import PLANTS, planted
from tests.fixtures import App, StoppedClock, Tenant, payload, register
from tests.held import alert, post
from tests.shared.platform.offline import offline

MAX_COMMITS = 60
MAX_PASSES = 12  # of one point

AT: dict[str, tuple[IngestMode, str]] = {
    "no sweeper": (IngestMode.DATABASE, "relay.after_claim"),
    "claimed for good": (IngestMode.DATABASE, "relay.after_claim"),
    "marked before it is sent": (IngestMode.DATABASE, "relay.after_send"),
    "a new number with each claim": (IngestMode.DATABASE, "relay.after_claim"),
    "recorded after the commit": (IngestMode.DATABASE, "transaction.after_commit"),
    "finished before it is done": (IngestMode.DATABASE, "hypotheses.before_commit"),
    "answered before it is stored": (IngestMode.DATABASE, "ingest.between_statements"),
    "a batch that fails is let go": (IngestMode.QUEUE, "ingest.between_statements"),
    "a lost try is never made again": (IngestMode.DATABASE, "notifications.after_claim"),
    "a new id with each try": (IngestMode.DATABASE, "notifications.after_send"),
}
"""Where to crash so that a plant shows."""

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
FIRES, ENDS = alert(1, BEGAN), alert(1, BEGAN, BEGAN + timedelta(minutes=1))
AGAIN = alert(1, BEGAN + timedelta(minutes=2))
ORDERS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "the last one to speak is right": ([ENDS, FIRES], "mitigated"),
    "nobody notices what fires again": ([FIRES, ENDS, AGAIN], "investigating"),
}
"""In which order alerts come so that a plant shows, and what has to become of their incident."""

ELSEWHERE = {
    "nobody looks into the inbox",
    "a setting that outlives its transaction",
    "a failed send counts as arrived",
    "sent is as good as finished",
    "a batch that waits is let go",
    "a queue that is away is no reason to say no",
}
"""What has a test of its own below."""


def test_each_plant_has_a_proof_that_notices_it() -> None:
    assert AT.keys() | ORDERS.keys() | ELSEWHERE == PLANTS.keys()


async def notices(live: Callable[[], Awaitable[None]]) -> bool:
    try:
        await live()
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("plant", AT)
async def test_a_crash_brings_it_to_light(
    runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock, plant: str
) -> None:
    mode, point = AT[plant]

    async def crash(nth: int) -> bool:
        async with life_of(runtime, owner, clock, mode) as life:
            faults.arm(Trap(point, nth))
            with planted(*PLANTS[plant]):
                return await notices(life.live) or await notices(life.check)

    assert await first_of(crash, range(1, MAX_PASSES))


async def first_of(tried: Callable[[int], Awaitable[bool]], numbers: range) -> bool:
    """Whether any of these shows it, in order."""
    for number in numbers:
        if await tried(number):
            return True
    return False


@pytest.mark.parametrize("plant", ORDERS)
async def test_the_order_of_messages_brings_it_to_light(
    runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock, plant: str
) -> None:
    alerts, right = ORDERS[plant]

    async def state() -> str:
        async with life_of(runtime, owner, clock) as life:
            for one in alerts:
                await post(life.app, life.tenant, one)
                await life.settle()
            query = "select state from incidents where tenant_id = %s"
            ((found,),) = await (await owner.execute(query, (life.tenant.tenant_id,))).fetchall()
            return str(found)

    assert await state() == right
    with planted(*PLANTS[plant]):
        assert await state() != right


async def test_work_that_is_done_for_each_delivery_is_noticed(
    runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    async with life_of(runtime, owner, clock) as life:
        await life.live()
        await life.hand_again()
        await life.check()
        with planted(*PLANTS["nobody looks into the inbox"]):
            await life.hand_again()
        assert await notices(life.check)


async def test_a_setting_that_outlives_its_transaction_is_noticed(
    runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    async with life_of(runtime, owner, clock) as life:
        with planted(*PLANTS["a setting that outlives its transaction"]):
            await life.live()
        assert await notices(life.check)


async def test_a_failed_send_that_counts_as_arrived_is_noticed(
    runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    async def checked(life: Life) -> bool:
        life.published.failures = 1
        await life.live()
        return await notices(life.check)

    async with life_of(runtime, owner, clock) as life:
        assert not await checked(life)
    async with life_of(runtime, owner, clock) as life:
        with planted(*PLANTS["a failed send counts as arrived"]):
            assert await checked(life)


async def test_work_that_is_sent_once_and_let_go_is_noticed(
    settings: Settings, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    async def cut(number: int) -> bool:
        async with linked_runtime(settings, clock) as (runtime, link), life_of(runtime, owner, clock) as life:
            Count(link, Snare.REQUEST).cut(range(number, number + 1))
            return await notices(life.live) or await notices(life.check)

    with planted(*PLANTS["sent is as good as finished"]):
        assert await first_of(cut, range(1, MAX_COMMITS))


@asynccontextmanager
async def without_stores(settings: Settings, clock: StoppedClock) -> AsyncIterator[tuple[App, Tenant, Link]]:
    """Give functions whose queues are away, and the link to their database."""
    async with linked_runtime(settings, clock) as (runtime, link):
        app = App(runtime)
        tenant = await register(app)
        nobody = Queues(offline().storage_access)
        yield App(replace(runtime, queues=nobody)), tenant, link
        await nobody.close()
        await app.mailbox.close()


async def test_an_alert_that_no_store_took_and_that_was_accepted_is_noticed(
    settings: Settings, clock: StoppedClock
) -> None:
    async def posted() -> int:
        async with without_stores(settings, clock) as (app, tenant, link), link.away():
            answer = await app.call(
                "POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token
            )
            return answer.status

    assert await posted() == 503
    with planted(*PLANTS["a queue that is away is no reason to say no"]):
        assert await posted() == 202


async def test_a_batch_that_is_let_go_while_the_database_is_away_is_noticed(
    settings: Settings, clock: StoppedClock
) -> None:
    async def left() -> int:
        async with linked_runtime(settings, clock) as (runtime, link):
            app = App(replace(runtime, settings=runtime.settings.model_copy(update={"ingest_mode": IngestMode.QUEUE})))
            tenant = await register(app)
            await app.mailbox.take(Queue.ALERTS)
            await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
            (message,) = await app.mailbox.take(Queue.ALERTS)
            before = await app.runtime.queues.depth(Queue.ALERTS)
            async with link.away():
                await app.hand("ingest_alerts", message)
            await app.mailbox.close()
            return await app.runtime.queues.depth(Queue.ALERTS) - before

    assert await left() == 1
    with planted(*PLANTS["a batch that waits is let go"]):
        assert await left() == 0
