"""The life of one alert, from firing to clearing, whatever gives way meanwhile; and what must come of it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import psycopg

from scripts.proof.chaos.blows import points
from shared.platform import faults
from shared.platform.queues import Queue
from shared.platform.realtime import RealtimeAway
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode
from tests.fixtures import App, StoppedClock, Tenant, payload, register
from tests.functions.notifications.receiver import Receiver, listening
from tests.shared.platform.recording import Log

# Where a model is configured, a day is sealed and incidents are purged: tests/functions/hypotheses/test_model.py,
# tests/functions/audit/test_seals.py and tests/functions/incidents/test_purge_incidents.py crash there.
ELSEWHERE = ("model.", "audit.", "purge.")
POINTS = [point for point in points() if not point.startswith(ELSEWHERE)]
ONLY_WHERE_ALERTS_ARE_QUEUED = {"ingest.after_spill"}
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
MAX_TURNS = 20
ROUNDS = 3  # of two minutes: until a sweep, a lost try and a lost analysis come again


class Crash(Exception):
    pass


class Trap:
    """Crashes at the nth pass of a point."""

    def __init__(self, point: str, nth: int) -> None:
        self.point = point
        self._left = nth

    def __call__(self, point: str) -> None:
        if point == self.point:
            self._left -= 1
            if not self._left:
                raise Crash

    @property
    def has_sprung(self) -> bool:
        return self._left <= 0


class Published:
    """What Web PubSub was told of a tenant: numbers by event. One event has one number, and is told at least once.

    The relay carries everybody's events, also what other tests have left. The first `failures` calls find nobody.
    """

    def __init__(self) -> None:
        self.tenant_id = ""
        self.seqs: dict[str, set[int]] = {}
        self.failures = 0

    async def publish(self, group: str, message: dict[str, Any]) -> None:
        if self.failures and group.startswith(f"t.{self.tenant_id}."):
            self.failures -= 1
            raise RealtimeAway
        for event in message.get("events", [message]):
            if event["tenant_id"] == self.tenant_id:
                self.seqs.setdefault(event["id"], set()).add(event["seq"])


@dataclass(kw_only=True)
class Life:
    """A tenant, its alert, and everybody who is told of it."""

    app: App
    owner: psycopg.AsyncConnection
    clock: StoppedClock
    tenant: Tenant
    receiver: Receiver
    published: Published
    handed: list[tuple[str, str]] = field(default_factory=list)
    """Messages that arrived, and at which function."""

    async def live(self) -> None:
        """Fire and clear, each told as AlertManager does it: again, until it is taken. Raises `AssertionError`."""
        for webhook in ("alertmanager-firing", "alertmanager-resolved"):
            await self._post(payload(webhook))
            await self.settle()

    async def hand_again(self) -> None:
        """Deliver every message once more."""
        for function, text in list(self.handed):
            await self.app.hand(function, text)
        await self.settle()

    async def _post(self, body: Any) -> None:
        for _ in range(3):
            answer = await self.app.call("POST", "webhooks/alertmanager", body, token=self.tenant.ingest_token)
            if answer.status == 202:
                return
        raise AssertionError("the webhook was never taken")

    async def settle(self) -> None:
        """Work until all is quiet, and again after the time that what was lost takes to come again."""
        log = Log(self.owner, UUID(self.tenant.tenant_id))
        for _ in range(ROUNDS):
            for _ in range(MAX_TURNS):
                if not await self._work():
                    break
            else:
                raise AssertionError("it never comes to rest")
            await log.pass_time()
            self.clock.advance(minutes=2)
            await self.app.tick("retry_deliveries")

    async def _work(self) -> int:
        """Relay and deliver once, as the host does: what failed comes back. Returns how much there was to do."""
        self.app.runtime.database._breaker._open_until = 0.0  # a minute has gone by
        done = await self._due()
        with suppress(Crash):
            await self.app.tick("relay_events")
        for function, queue in CONSUMERS.items():
            for text in await self.app.mailbox.take(queue):
                done += 1
                self.handed.append((function, text))
                try:
                    await self.app.hand(function, text)
                except* Crash:
                    await self.app.runtime.queues.send(queue, text)
        return done

    async def _due(self) -> int:
        found = await self.owner.execute(
            "select count(*) from event_log where tenant_id = %s and due_at <= now()", (self.tenant.tenant_id,)
        )
        return int((await found.fetchone() or (0,))[0])

    async def check(self, *, tells_again: int = 0) -> None:
        """Nothing was lost and nothing doubled, but for notifications that came again. Raises `AssertionError`."""
        events = await Log(self.owner, UUID(self.tenant.tenant_id)).rows()
        assert Counter(event["type"] for event in events) == EVENTS
        live = {str(event["id"]): event["seq"] for event in events if event["type"] in LIVE}
        assert sorted(live.values()) == list(range(1, len(LIVE) + 1))
        assert self.published.seqs == {id_: {seq} for id_, seq in live.items()}
        assert [event["type"] for event in events if event["due_at"] or event["awaiting"]] == []
        told = {one.headers["webhook-id"]: one.json["type"] for one in self.receiver.received}
        assert sorted(told.values()) == sorted(TOLD)
        # A message whose arrival was forgotten comes again, and by its id the receiver knows it.
        assert len(self.receiver.received) - len(told) <= tells_again
        found = await self.owner.execute(
            "select i.state, i.number, (select count(*) from alerts a where a.tenant_id = i.tenant_id),"
            " (select array_agg(rank order by rank) from hypotheses h where h.tenant_id = i.tenant_id),"
            " (select count(*) from dead_letters d where d.tenant_id = i.tenant_id)"
            " from incidents i where i.tenant_id = %s",
            (self.tenant.tenant_id,),
        )
        ((state, number, alerts, ranks, letters),) = await found.fetchall()
        assert (state, number, alerts, letters) == ("mitigated", 1, 1, 0)
        assert ranks == list(range(1, len(ranks) + 1))
        await self._check_connections()

    async def _check_connections(self) -> None:
        """No setting outlives its transaction, or whoever has the connection next could see this tenant's rows."""
        async with self.app.runtime.database.app.connect() as connection:
            result = await connection.exec_driver_sql("select nullif(current_setting('app.tenant_id', true), '')")
            assert result.scalar_one() is None


@asynccontextmanager
async def life_of(
    runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock, mode: IngestMode = IngestMode.DATABASE
) -> AsyncIterator[Life]:
    """Give birth to a tenant; nothing is armed afterwards."""
    settings = runtime.settings.model_copy(update={"ingest_mode": mode})
    published = Published()
    runtime.relay._realtime = published  # type: ignore[assignment]  # of the one method that the relay calls
    app = App(replace(runtime, settings=settings))
    for queue in Queue:
        await app.mailbox.take(queue)
    try:
        async with listening() as receiver:
            tenant = await register(app)
            published.tenant_id = tenant.tenant_id
            channel = {"name": "ops", "config": {"kind": "webhook", "url": receiver.url}}
            await app.call("POST", "notification-channels", channel, token=tenant.token)
            yield Life(app=app, owner=owner, clock=clock, tenant=tenant, receiver=receiver, published=published)
    finally:
        faults.arm(None)
        await app.mailbox.close()


async def survive(
    runtime: Runtime,
    owner: psycopg.AsyncConnection,
    clock: StoppedClock,
    mode: IngestMode,
    *traps: Trap,
) -> None:
    """Live through crashes. Raises `AssertionError` when something is lost or doubled."""
    async with life_of(runtime, owner, clock, mode) as life:
        faults.arm(_each(traps))
        await life.live()
        await life.check(
            tells_again=sum(trap.has_sprung and trap.point == "notifications.after_send" for trap in traps)
        )


def _each(traps: tuple[Trap, ...]) -> Callable[[str], None]:
    def trap(point: str) -> None:
        for one in traps:
            one(point)

    return trap
