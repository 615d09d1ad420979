"""A crash at any named point loses nothing and doubles nothing: sender, host and relay try again, each its own part."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.platform import faults
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode
from tests.fixtures import App, StoppedClock, Tenant, payload, register
from tests.functions.notifications.receiver import listening
from tests.shared.platform.recording import Log

REPOSITORY = Path(__file__).parents[3]
# Where a model is configured, and where a day is sealed: tests/functions/hypotheses/test_model.py and
# tests/functions/audit/test_seals.py crash there.
ELSEWHERE = ("model.", "audit.")
POINTS = sorted(
    point
    for folder in ("shared", "functions")
    for file in (REPOSITORY / folder).rglob("*.py")
    for point in re.findall(r'\bfault\("([\w.]+)"\)', file.read_text())
    if not point.startswith(ELSEWHERE)
)
ONLY_WHERE_ALERTS_ARE_QUEUED = {"ingest.after_spill"}
CASES = [
    (mode, point, nth)
    for mode in IngestMode
    for point in POINTS
    for nth in (1, 2)
    if mode is IngestMode.QUEUE or point not in ONLY_WHERE_ALERTS_ARE_QUEUED
]
CONSUMERS = {
    "ingest_alerts": Queue.ALERTS,
    "propose_hypotheses": Queue.HYPOTHESES,
    "drive_incident": Queue.TRANSITIONS,
    "deliver": Queue.NOTIFICATIONS,
}
# What comes of an alert that fires and clears.
EVENTS = {
    "tenant.registered": 1,
    "integration.created": 1,
    "notification_channel.created": 1,
    "alert.fired": 1,
    "incident.created": 1,
    "service.created": 1,
    "hypothesis.generated": 1,
    "alert.resolved": 1,
    "incident.updated": 1,
}
TOLD = ("hypothesis.generated", "incident.created", "incident.updated")
LIVE = ("alert.fired", "incident.created", "hypothesis.generated", "alert.resolved", "incident.updated")


class Crash(Exception):
    pass


class Trap:
    """Crashes at the nth pass of a point."""

    def __init__(self, point: str, nth: int) -> None:
        self._point = point
        self._left = nth

    def __call__(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if not self._left:
                raise Crash

    @property
    def has_sprung(self) -> bool:
        return self._left <= 0


@pytest.fixture
async def app(runtime: Runtime, mode: IngestMode) -> AsyncIterator[App]:
    """The functions, with nothing armed afterwards."""
    built = App(replace(runtime, settings=runtime.settings.model_copy(update={"ingest_mode": mode})))
    for queue in Queue:
        await built.mailbox.take(queue)
    yield built
    faults.arm(None)
    await built.mailbox.close()


async def post(app: App, tenant: Tenant, body: Any) -> None:
    """Post as AlertManager does: again, until it is taken."""
    for _ in range(3):
        if (await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)).status == 202:
            return
    raise AssertionError("the webhook was never taken")


async def work(app: App) -> int:
    """Relay and deliver once, as the host does: what failed comes back. Returns how much there was to do."""
    try:
        done = await app.runtime.relay.sweep()
    except Crash:
        done = 1
    for function, queue in CONSUMERS.items():
        for text in await app.mailbox.take(queue):
            done += 1
            try:
                await app.hand(function, text)
            except* Crash:
                await app.runtime.queues.send(queue, text)
    return done


async def until_nothing_is_left(app: App, log: Log, clock: StoppedClock) -> None:
    """Work until all is quiet, and once more after the time that a sweep and a lost try take to come again."""
    for _ in range(2):
        while await work(app):
            pass
        await log.pass_time()
        clock.advance(minutes=2)
        await app.tick("retry_deliveries")


@pytest.mark.parametrize(("mode", "point", "nth"), CASES)
async def test_a_crash_loses_nothing_and_doubles_nothing(
    app: App, owner: psycopg.AsyncConnection, clock: StoppedClock, mode: IngestMode, point: str, nth: int
) -> None:
    tenant = await register(app)
    log = Log(owner, UUID(tenant.tenant_id))
    trap = Trap(point, nth)
    async with listening() as receiver:
        channel = {"name": "ops", "config": {"kind": "webhook", "url": receiver.url}}
        await app.call("POST", "notification-channels", channel, token=tenant.token)
        faults.arm(trap)
        for webhook in ("alertmanager-firing", "alertmanager-resolved"):
            await post(app, tenant, payload(webhook))
            await until_nothing_is_left(app, log, clock)
    assert trap.has_sprung or nth > 1, "the way of an alert does not pass this point"

    events = await log.rows()
    assert Counter(event["type"] for event in events) == EVENTS
    assert sorted(event["seq"] for event in events if event["type"] in LIVE) == list(range(1, len(LIVE) + 1))
    assert [event["type"] for event in events if event["due_at"] or event["awaiting"]] == []
    told = {one.headers["webhook-id"]: one.json["type"] for one in receiver.received}
    assert sorted(told.values()) == sorted(TOLD)
    # A message whose arrival was forgotten comes again, and by its id the receiver knows it.
    assert len(receiver.received) - len(told) == int(point == "notifications.after_send")
    found = await owner.execute(
        "select i.state, i.number, (select count(*) from alerts a where a.tenant_id = i.tenant_id),"
        " (select array_agg(rank order by rank) from hypotheses h where h.tenant_id = i.tenant_id),"
        " (select count(*) from dead_letters d where d.tenant_id = i.tenant_id)"
        " from incidents i where i.tenant_id = %s",
        (tenant.tenant_id,),
    )
    ((state, number, alerts, ranks, letters),) = await found.fetchall()
    assert (state, number, alerts, letters) == ("mitigated", 1, 1, 0)
    assert ranks == list(range(1, len(ranks) + 1))
