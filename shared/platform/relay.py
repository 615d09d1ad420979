"""The relay: carries committed events from the log to queues and live clients, at least once."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from shared.kernel.errors import DomainError
from shared.platform.database import Database, DatabaseAway
from shared.platform.faults import fault
from shared.platform.queues import Queue, QueueAway, Queues
from shared.platform.realtime import Channel, Realtime, group_of
from shared.platform.response_cache import ResponseCache
from shared.platform.telemetry import Attributes, Kind, Span, meeting, span

log = logging.getLogger(__name__)

CLAIM_LIMIT: Final = 500
RESEND_SECONDS: Final = 30
_DOUBTED_SECONDS: Final = 900  # so long may a message be taken to wait still
_SENDING_SECONDS: Final = 5  # from `sent_at` until the queue has the message, whose time it tells to the second
_EVENTS_PER_MESSAGE: Final = 100
_SENDS_AT_ONCE: Final = 16  # of queue messages: hundreds at once keep the service from answering any in time
_PUBLISHES_PER_SECOND: Final = 10
_MIN_REST_SECONDS: Final = 0.05
_MAX_REST_SECONDS: Final = 0.5

_CLAIM: Final = text("""
with due as (
  select tenant_id, project_id, id, position, type, seq from event_log
  where due_at <= now() order by position limit :limit for update skip locked),
live as (
  select tenant_id, project_id, id, row_number() over (partition by tenant_id, project_id order by position) as place
  from due where seq is null and type = any(:live)),
counted as (select tenant_id, project_id, count(*) as n from live group by tenant_id, project_id),
counter as (
  update project_counters c set value = c.value + counted.n from counted
  where c.tenant_id = counted.tenant_id and c.project_id = counted.project_id and c.name = 'event'
  returning c.tenant_id, c.project_id, c.value - counted.n as base)
update event_log e
set seq = coalesce(e.seq, counter.base + live.place),
    claims = e.claims + 1,
    sent_at = now(),
    due_at = now() + make_interval(secs => least(:resend * power(2, e.claims), 600)),
    awaiting = case when e.claims = 0
               then array(select jsonb_array_elements_text(cast(:routes as jsonb) -> e.type)) else e.awaiting end
from due
left join live using (tenant_id, id)
left join counter on counter.tenant_id = due.tenant_id and counter.project_id = due.project_id
where e.tenant_id = due.tenant_id and e.id = due.id
returning e.tenant_id, e.project_id, e.id, e.position, e.type, e.at, e.data, e.trace, e.seq, e.awaiting, e.published_at,
  case when old.sent_at > now() - make_interval(secs => :doubted) then old.sent_at end as sent_before
""")

_MARK: Final = text("""
update event_log set published_at = coalesce(published_at, now()),
    due_at = case when awaiting = '{}' then null else due_at end
where (tenant_id, id) in (select * from unnest(cast(:tenants as uuid[]), cast(:ids as uuid[])))
""")

# What was not sent after all. Where nothing was, that was no try either: the event is looked at again soon, and not
# ever more rarely.
_TAKE_BACK: Final = text("""
update event_log e set sent_at = b.sent_before,
    claims = case when b.entirely then greatest(e.claims - 1, 1) else e.claims end,
    due_at = case when b.entirely then now() + make_interval(secs => :resend) else e.due_at end
from unnest(cast(:tenants as uuid[]), cast(:ids as uuid[]), cast(:before as timestamptz[]), cast(:entirely as bool[]))
    b(tenant_id, id, sent_before, entirely)
where e.tenant_id = b.tenant_id and e.id = b.id and e.awaiting <> '{}'
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Where events of a type go. Queues of `one_each` get a message an event, because each one is slow work."""

    queues: Mapping[str, tuple[Queue, ...]]
    live: Mapping[str, Channel]
    one_each: frozenset[Queue]


class Pace:
    """At most `rate` steps a second for each key, with bursts of as many (GCRA)."""

    def __init__(self, rate: float) -> None:
        self._step = 1 / rate
        self._arrival: dict[object, float] = {}

    def delay(self, key: object, now: float) -> float:
        """Return how many seconds to wait before the next step of `key`, and count it."""
        self._arrival = {known: at for known, at in self._arrival.items() if at > now}
        arrival = max(self._arrival.get(key, now), now)
        self._arrival[key] = arrival + self._step
        return max(0.0, arrival - now - 1 + self._step)


def rest(took: float) -> float:
    """Return how many seconds to gather events after a sweep of that length: twice as long, within limits.

    So the relay takes a third of the time at most: events of a quiet process travel at once, those of a busy one
    together.
    """
    return min(max(_MIN_REST_SECONDS, 2 * took), _MAX_REST_SECONDS)


class Relay:
    """Nudged after each commit of this process; a timer sweeps what a crash or an outage left behind."""

    def __init__(
        self, database: Database, queues: Queues, realtime: Realtime, responses: ResponseCache, routes: Routes
    ) -> None:
        self._database = database
        self._queues = queues
        self._realtime = realtime
        self._responses = responses
        self._routes = routes
        self._pace = Pace(_PUBLISHES_PER_SECOND)
        self._sending = asyncio.Semaphore(_SENDS_AT_ONCE)
        self._nudged = False
        self._task: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """Say that something was committed. Returns at once; the caller's answer does not wait for the relay."""
        self._nudged = True
        if self._task is None or self._task.done():
            # In nobody's context: it carries what many committed.
            self._task = asyncio.create_task(self._run(), context=Context())

    async def sweep(self) -> int:
        """Carry everything that is due and return how many events it was. Raises `DatabaseAway`."""
        carried = 0
        while claimed := await self._claim():
            await self._deliver(claimed)
            carried += len(claimed)
            if len(claimed) < CLAIM_LIMIT:
                break
        return carried

    async def close(self) -> None:
        """Finish what is under way. What is left, a sweep finds."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        while self._nudged:
            self._nudged = False
            began = now()
            try:
                await self.sweep()
            except DatabaseAway:
                log.warning("the relay found no database; the sweeper will carry what is due")
                return
            except Exception:
                log.exception("the relay failed; the sweeper will carry what is due")
                return
            if self._nudged:
                await asyncio.sleep(rest(now() - began))

    async def _claim(self) -> Sequence[RowMapping]:
        async with self._database.session(self._database.system) as session:
            rows = await session.execute(
                _CLAIM,
                {
                    "limit": CLAIM_LIMIT,
                    "resend": RESEND_SECONDS,
                    "doubted": _DOUBTED_SECONDS,
                    "live": list(self._routes.live),
                    "routes": json.dumps(self._routes.queues),
                },
            )
            claimed = sorted(rows.mappings(), key=lambda row: row["position"])
        # Before anybody is told to look again: a writer's process may have died before it said so itself.
        await self._responses.outdate({row["project_id"] for row in claimed if row["published_at"] is None})
        fault("relay.after_claim")
        return claimed

    async def _deliver(self, claimed: Sequence[RowMapping]) -> None:
        """Send, then mark what arrived everywhere. A failed send leaves its events due for the next sweep."""
        heads, away = await self._heads(claimed)
        to_queues = self._queue_sends(_unsent(claimed, heads), away)
        sends = [*to_queues, *self._live_sends(claimed)]
        results = await asyncio.gather(*(send for send, _ in sends), return_exceptions=True)
        failed: defaultdict[str, set[UUID]] = defaultdict(set)
        for (_, ids), result in zip(sends, results, strict=True):
            if isinstance(result, DomainError):
                failed[result.title].update(ids)
            elif isinstance(result, BaseException):
                raise result
        for reason, missed in failed.items():
            log.warning("%d events wait for a later sweep: %s", len(missed), reason)
        fault("relay.after_send")
        sent = {each for (_, ids), result in zip(to_queues, results, strict=False) if result is None for each in ids}
        await self._mark(claimed, sent, failed)

    async def _mark(self, claimed: Iterable[RowMapping], sent: set[UUID], failed: Mapping[str, set[UUID]]) -> None:
        """Note what arrived everywhere, and what was not sent to its queues, entirely or to some of them."""
        unqueued = failed.get(QueueAway.title, set())
        back = [row for row in claimed if row["awaiting"] and (row["id"] not in sent or row["id"] in unqueued)]
        unmarked = set[UUID]().union(*failed.values(), (row["id"] for row in back if row["published_at"]))
        async with self._database.session(self._database.system) as session:
            await session.execute(_MARK, _keys(row for row in claimed if row["id"] not in unmarked))
            if back:
                given = {
                    "before": [row["sent_before"] for row in back],
                    "entirely": [row["id"] not in sent for row in back],
                    "resend": RESEND_SECONDS,
                }
                await session.execute(_TAKE_BACK, {**_keys(back), **given})

    async def _heads(self, claimed: Iterable[RowMapping]) -> tuple[dict[str, datetime], set[str]]:
        """Look at the queues that one of the events was sent to before.

        Returns since when a queue's first message waits, and the queues that do not answer.
        """
        asked = {queue for row in claimed if row["sent_before"] for queue in row["awaiting"]}
        heads: dict[str, datetime] = {}
        away: set[str] = set()

        async def look(queue: str) -> None:
            try:
                if since := await self._queues.first_since(queue):
                    heads[queue] = since
            except QueueAway:
                away.add(queue)

        await asyncio.gather(*(look(queue) for queue in asked))
        return heads, away

    def _queue_sends(
        self, unsent: Mapping[tuple[str, UUID], Sequence[RowMapping]], away: set[str]
    ) -> list[tuple[Any, list[UUID]]]:
        return [
            (self._send(queue, tenant, part, away), [row["id"] for row in part])
            for (queue, tenant), rows in unsent.items()
            for part in batched(rows, 1 if queue in self._routes.one_each else _EVENTS_PER_MESSAGE, strict=False)
        ]

    def _live_sends(self, claimed: Iterable[RowMapping]) -> list[tuple[Any, list[UUID]]]:
        wanted: defaultdict[tuple[UUID, UUID, Channel], list[RowMapping]] = defaultdict(list)
        for row in claimed:
            channel = self._routes.live.get(row["type"])
            if channel and row["published_at"] is None:
                wanted[row["tenant_id"], row["project_id"], channel].append(row)
        return [
            (self._publish(tenant, project, channel, part), [row["id"] for row in part])
            for (tenant, project, channel), rows in wanted.items()
            for part in batched(rows, _EVENTS_PER_MESSAGE, strict=False)
        ]

    async def _send(self, queue: str, tenant: UUID, rows: Sequence[RowMapping], away: set[str]) -> None:
        """Send one message; none to a queue that is in `away`. Puts it there when it does not answer."""
        async with self._sending:
            if queue in away:  # or a service that hangs would hold up a sweep of hundreds for minutes
                raise QueueAway
            try:
                with _carrying(f"send {queue}", "azure_storage_queue", tenant, rows) as carried:
                    await self._queues.send(queue, address(tenant, rows, carried.traceparent))
            except QueueAway:
                away.add(queue)
                raise

    async def _publish(self, tenant: UUID, project: UUID, channel: Channel, rows: Sequence[RowMapping]) -> None:
        await asyncio.sleep(self._pace.delay((project, channel), asyncio.get_running_loop().time()))
        events = [live_message(row) for row in rows]
        message = events[0] if len(events) == 1 else {"type": "batch", "events": events}
        with _carrying(f"publish {channel}", "web_pubsub", tenant, rows):
            await self._realtime.publish(group_of(tenant, project, channel), message)


def _unsent(claimed: Iterable[RowMapping], heads: Mapping[str, datetime]) -> dict[tuple[str, UUID], list[RowMapping]]:
    """Return what is to be sent to which queue, of which tenant: all that is awaited there and not waiting in it.

    An event that was sent after the queue's first message came has not had its turn yet. To send it again would make a
    long queue longer.
    """
    slack = timedelta(seconds=_SENDING_SECONDS)
    unsent: defaultdict[tuple[str, UUID], list[RowMapping]] = defaultdict(list)
    for row in claimed:
        for queue in row["awaiting"]:
            if row["sent_before"] is None or queue not in heads or row["sent_before"] + slack < heads[queue]:
                unsent[queue, row["tenant_id"]].append(row)
    return unsent


def _keys(rows: Iterable[RowMapping]) -> dict[str, list[UUID]]:
    found = [(row["tenant_id"], row["id"]) for row in rows]
    return {"tenants": [tenant for tenant, _ in found], "ids": [event for _, event in found]}


def _carrying(name: str, system: str, tenant: UUID, rows: Sequence[RowMapping]) -> AbstractContextManager[Span]:
    """Time how events are carried, in the trace that they came from."""
    parent, links = meeting(row["trace"] for row in rows)
    told: Attributes = {
        "messaging.system": system,
        "messaging.batch.message_count": len(rows),
        "messaging.message.id": str(rows[0]["id"]),
        "srecopilot.tenant_id": str(tenant),
    }
    return span(name, Kind.PRODUCER, parent=parent, links=links, attributes=told)


def address(tenant: UUID, rows: Iterable[RowMapping], trace: str) -> str:
    """Return a queue message: where the events are, not what they say. `trace` is the `traceparent` of who sends it."""
    return json.dumps({"tenant": str(tenant), "events": [str(row["id"]) for row in rows], "trace": trace})


def live_message(row: RowMapping) -> dict[str, Any]:
    """Return an event as live clients get it."""
    return {
        "type": row["type"],
        "tenant_id": str(row["tenant_id"]),
        "project_id": str(row["project_id"]),
        "data": row["data"],
        "timestamp": row["at"].isoformat(),
        "id": str(row["id"]),
        "seq": row["seq"],
    }
