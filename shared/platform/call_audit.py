"""The audit of calls: who called what, from where, and how it ended. No call waits for it.

Records gather in this process for at most half a second and go to Azure Table Storage. While that does not answer they
go to a queue, whose consumer stores them later and sets aside what is refused for good; while neither does, they wait
here and are tried again. A process that closes stores what it gathered; one that is killed loses what no store had
taken yet, which is the last half second of a healthy deployment.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import batched
from typing import Annotated, Final, NamedTuple, TypedDict
from uuid import UUID

from pydantic import Field, TypeAdapter

from shared.kernel.values import ActorKind, Clock, Ids, ProjectId, TenantId
from shared.platform.queues import MAX_MESSAGE_BYTES, Queue, QueueAway, Queues
from shared.platform.table_store import API_CALLS, RowsRefused, TablesAway, TableStore

log = logging.getLogger(__name__)

# How long after its day a call may still join that day; what comes later stands under the day that stores it. A day is
# sealed only after that, so nothing joins a sealed one.
JOINS_FOR: Final = timedelta(hours=5)
ANONYMOUS_PARTITION: Final = "anonymous"
FLUSH_SECONDS: Final = 0.5
FLUSH_RECORDS: Final = 100
MAX_WAITING: Final = 20_000  # about 20 MB
_TRANSACTION_ROWS: Final = 100  # the most that the service takes
_MAX_PAUSE: Final = 30.0
_CLOSE_SECONDS: Final = 5.0
_RESEND_SECONDS: Final = 30
_MESSAGE_ROOM: Final = MAX_MESSAGE_BYTES - len("[]")

_MAX_TEXT: Final = 256
_CONTROLS: Final = dict.fromkeys([*range(0x20), 0x7F], "�")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_FUTURE: Final = 10**16  # microseconds, in 2286; keys count down to it, so that the newest call comes first


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call, also a refused one. `route` is the template, `path` what was asked for, without the query.

    `tenant_id` is the credential's, and `project_id` the project that the call was in.
    """

    at: datetime
    tenant_id: TenantId | None
    project_id: ProjectId | None
    actor_kind: ActorKind
    actor_id: UUID | None
    actor_name: str
    method: str
    route: str
    path: str
    operation: str
    status: int
    duration_ms: float
    address: str
    request_id: str
    trace_id: str


class Row(TypedDict):
    """A record as the table has it."""

    PartitionKey: str
    RowKey: str
    at: str
    project_id: str
    actor_kind: str
    actor_id: str
    actor_name: str
    method: str
    route: str
    path: str
    operation: str
    status: Annotated[int, Field(ge=0, le=999)]
    duration_ms: float
    address: str
    request_id: str
    trace_id: str


class Refused(NamedTuple):
    """A row that the tables will never take."""

    row: Row
    reason: str


_ROWS: Final = TypeAdapter(list[Row])


class CallAudit:
    """Takes records at once and stores them behind the callers' backs. `dropped` counts those that found no room."""

    def __init__(self, tables: TableStore, queues: Queues, clock: Clock, ids: Ids) -> None:
        self.dropped = 0
        self._tables = tables
        self._queues = queues
        self._clock = clock
        self._ids = ids
        self._waiting: dict[str, Row] = {}
        self._hurry = asyncio.Event()
        self._is_closing = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many calls no store has taken yet."""
        return len(self._waiting)

    def record(self, call: CallRecord) -> None:
        """Take a record and return at once. It is dropped when too many wait already, because no store answers."""
        if len(self._waiting) >= MAX_WAITING:
            self.dropped += 1
            return
        row = row_of(call, self._ids.new())
        self._waiting[row["RowKey"]] = row
        if len(self._waiting) == FLUSH_RECORDS:
            self._hurry.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def store_queued(self, message: str) -> list[Refused]:
        """Store a message of the queue and return what will never be stored; a second delivery changes nothing.

        While the tables are away it goes back, so that no try is spent on waiting. Raises `pydantic.ValidationError`.
        """
        refused: list[Refused] = []
        try:
            now = self._clock.now()
            rows = await self._unstored(_ROWS.validate_json(message), now)
            for part in _transactions(rows, now):
                refused += await self._store(part)
        except TablesAway:
            await self._queues.send(Queue.AUDIT, message, delay=_RESEND_SECONDS)
            return []
        return refused

    async def close(self) -> None:
        """Store what waits, as far as a store takes it within five seconds."""
        self._is_closing = True
        self._hurry.set()
        if self._task is not None:
            try:
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await asyncio.gather(self._task, return_exceptions=True)
            except TimeoutError:
                log.warning("the stores of the audit are too slow to wait for")
        if self._waiting:
            log.error("%d calls were not audited: no store took them", len(self._waiting))

    async def _run(self) -> None:
        pause = FLUSH_SECONDS
        while self._waiting:
            await self._gather(pause)
            if await self._is_flushed():
                pause = FLUSH_SECONDS
            elif self._is_closing:
                return
            else:
                pause = min(2 * pause, _MAX_PAUSE)

    async def _gather(self, seconds: float) -> None:
        """Wait for more records, or until there is a reason to hurry."""
        if not self._is_closing:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._hurry.wait()
            self._hurry.clear()

    async def _is_flushed(self) -> bool:
        """Do as `_flush` does, whatever goes wrong: nobody else tells that calls are not audited."""
        try:
            return await self._flush()
        except Exception:
            log.exception("%d calls wait to be audited", len(self._waiting))
            return False

    async def _flush(self) -> bool:
        """Bring what waits to a store, and say whether one took it all."""
        try:
            for rows in _transactions(self._waiting.values(), self._clock.now()):
                await self._tables.upsert(API_CALLS, rows)
                self._forget(rows)
        except (TablesAway, RowsRefused):
            return await self._spill()
        return True

    async def _unstored(self, rows: Sequence[Row], now: datetime) -> list[Row]:
        """Leave out what an earlier delivery stored under another day than it would stand under now."""
        late: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            if placed(row, now) != row:
                late[row["PartitionKey"]].append(row["RowKey"])
        known: set[str] = set()
        for partition, keys in late.items():
            query = "PartitionKey ge @own and PartitionKey lt @today and RowKey ge @first and RowKey le @last"
            today = f"{partition.rpartition('_')[0]}_{now.astimezone(UTC):%Y%m%d}"
            values = {"own": partition, "today": today, "first": min(keys), "last": max(keys)}
            found = await self._tables.find(API_CALLS, query, values, most=MAX_WAITING, fields=["RowKey"])
            known |= {row["RowKey"] for row in found}
        return [row for row in rows if row["RowKey"] not in known]

    async def _store(self, rows: Sequence[Row]) -> list[Refused]:
        """Store rows of one transaction; where it is refused, each by itself, for one bad row costs no other."""
        try:
            await self._tables.upsert(API_CALLS, rows)
        except RowsRefused as error:
            if len(rows) == 1:
                return [Refused(rows[0], error.detail)]
            return [refused for row in rows for refused in await self._store([row])]
        return []

    async def _spill(self) -> bool:
        try:
            for rows in _messages(list(self._waiting.values())):
                await self._queues.send(Queue.AUDIT, json.dumps(rows))
                self._forget(rows)
        except QueueAway:
            log.warning(
                "no store answers: %d calls wait to be audited, %d were dropped", len(self._waiting), self.dropped
            )
            return False
        return True

    def _forget(self, rows: Iterable[Row]) -> None:
        for row in rows:
            del self._waiting[row["RowKey"]]


def row_of(call: CallRecord, identity: UUID) -> Row:
    """Return a record as a row of the table: one partition for each tenant and day (UTC), the newest row first."""
    at = call.at.astimezone(UTC)
    return {
        "PartitionKey": partition_of(call.tenant_id, at.date()),
        "RowKey": f"{countdown(at)}_{identity.hex}",
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "project_id": str(call.project_id or ""),
        "actor_kind": call.actor_kind.value,
        "actor_id": str(call.actor_id or ""),
        "actor_name": text_of(call.actor_name),
        "method": text_of(call.method),
        "route": text_of(call.route),
        "path": text_of(call.path),
        "operation": text_of(call.operation),
        "status": call.status,
        "duration_ms": call.duration_ms,
        "address": text_of(call.address),
        "request_id": text_of(call.request_id),
        "trace_id": text_of(call.trace_id),
    }


def partition_of(tenant_id: TenantId | None, day: date) -> str:
    """Return where the calls of a tenant and a day are; without a tenant, nobody's."""
    return f"{tenant_id or ANONYMOUS_PARTITION}_{day:%Y%m%d}"


def countdown(at: datetime) -> str:
    """Return how the keys of a moment's rows begin: the later it is, the sooner they come."""
    return f"{_FAR_FUTURE - (at - _EPOCH) // timedelta(microseconds=1):016d}"


def moment_of(key: str) -> datetime:
    """Return when the call of a row key was."""
    return _EPOCH + timedelta(microseconds=_FAR_FUTURE - int(key.partition("_")[0]))


def placed(row: Row, now: datetime) -> Row:
    """Return a row where it may be stored: under its own day, or today's where its own may have been sealed."""
    owner, _, day = row["PartitionKey"].rpartition("_")
    ended = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
    return row if now < ended + JOINS_FOR else {**row, "PartitionKey": f"{owner}_{now.astimezone(UTC):%Y%m%d}"}


def text_of(given: str) -> str:
    """Return text that every store and export can hold: short, and without surrogates or control characters."""
    text = given[:_MAX_TEXT]
    if text.isascii() and text.isprintable():
        return text
    return text.encode(errors="replace").decode().translate(_CONTROLS)


def _transactions(rows: Iterable[Row], now: datetime) -> list[Sequence[Row]]:
    """Group rows as Table Storage writes them together: those of one partition."""
    partitions: defaultdict[str, list[Row]] = defaultdict(list)
    for row in (placed(each, now) for each in rows):
        partitions[row["PartitionKey"]].append(row)
    return [part for found in partitions.values() for part in batched(found, _TRANSACTION_ROWS, strict=False)]


def _messages(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Group rows so that each group fits a message, one group at a time: many rows may wait."""
    group: list[Row] = []
    room = _MESSAGE_ROOM
    for row in rows:
        size = len(json.dumps(row)) + len(", ")
        if size > room:
            yield group
            group, room = [], _MESSAGE_ROOM
        group.append(row)
        room -= size
    if group:
        yield group
