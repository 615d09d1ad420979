"""Whether anything is still to be done: nothing due in the database, nothing on the queues."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
from azure.storage.queue.aio import QueueServiceClient

from shared.hypotheses.news import FACTS
from shared.incidents.lifecycle import OPEN
from shared.platform.queues import Queue, poison_of

_POLL: Final = 0.5  # seconds
# What is due later than in ten minutes is not of this run.
_LEFT: Final[Mapping[str, str]] = {
    "events to relay or to finish": "select count(*) from event_log where due_at is not null",
    "work that nobody sends": "select count(*) from event_log where due_at is null and awaiting <> '{}'",
    "notifications to deliver": "select count(*) from notification_deliveries where due_at is not null",
    "incidents to look at": "select count(*) from incidents where due_at < now() + interval '10 minutes'",
    "alerts to release": "select count(*) from alerts where held_until < now() + interval '10 minutes'",
    "analyses under way": "select count(*) from analyses where running_until > now()",
    "incidents with news": """
        select count(*) from analyses a join incidents i using (tenant_id, id)
        where i.state = any(%(open)s) and exists (
          select from event_log e where e.tenant_id = a.tenant_id and e.incident_id = a.id and e.type = any(%(facts)s)
          and not pg_visible_in_snapshot(e.recorded_in::text::xid8, a.seen::pg_snapshot))""",
}
_GIVEN: Final = {"open": [state.value for state in OPEN], "facts": list(FACTS)}


async def left(
    owner: psycopg.AsyncConnection[Any], queues: QueueServiceClient, kinds: tuple[str, ...] = ("",)
) -> dict[str, int]:
    """Return what is still to be done, by kind; empty at rest. Of the database only `kinds`, which begin so."""
    found = {}
    for kind, query in _LEFT.items():
        if kind.startswith(kinds):
            row = await (await owner.execute(query, _GIVEN)).fetchone()
            found[kind] = int(row[0]) if row else 0
    for name in (*(queue.value for queue in Queue), *(poison_of(queue) for queue in Queue)):
        told = await queues.get_queue_client(name).get_queue_properties()
        found[f"messages of queue {name}"] = int(told.approximate_message_count or 0)
    return {kind: count for kind, count in found.items() if count}


async def until_rest(
    owner: psycopg.AsyncConnection[Any],
    storage: str,
    *,
    seconds: float,
    kinds: tuple[str, ...] = ("",),
    told: Callable[[Mapping[str, int]], None] = lambda _: None,
) -> dict[str, int]:
    """Wait until all is done, `seconds` at most; returns what is left then. `told` hears of each look.

    Of the database only `kinds`, which begin so.
    """
    ends = time.monotonic() + seconds
    async with QueueServiceClient.from_connection_string(storage, retry_total=0) as queues:
        while (found := await left(owner, queues, kinds)) and time.monotonic() < ends:
            told(found)
            await asyncio.sleep(_POLL)
    return found
