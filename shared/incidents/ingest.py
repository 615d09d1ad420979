"""Alerts in: the hot path. Store before answering, in a transaction that whoever waits shares.

An episode's merge is a join (`shared.alerts.values.join`), here against what is stored, so deliveries may repeat, mix
and arrive in any order, through the database or through the queue.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from shared.alerts import grouping
from shared.alerts.payloads import Received
from shared.alerts.values import Delivery, Episode, Rejected, canonical, episodes_of, service_of, severity_of, title_of
from shared.incidents.ingest_sql import (
    BURY,
    KNOWN,
    MARK_TRUNCATED,
    MERGE_ALERTS,
    ONE_AT_A_TIME,
    OPEN_EPISODES,
    OPEN_INCIDENTS,
    SENDERS,
)
from shared.incidents.lifecycle import Policy, policy_of
from shared.integrations.commands import is_refused_by_cache
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import Actor
from shared.platform.database import DatabaseAway, RawConnection, Unstorable
from shared.platform.faults import fault
from shared.platform.queues import MAX_MESSAGE_BYTES, Queue
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode

_RESEND_SECONDS: Final = 30
_MAX_LETTER: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One webhook's alerts, as they travel to the database or through the queue. `at` is when this last began."""

    batch_id: UUID
    tenant_id: UUID
    project_id: UUID
    integration_id: UUID
    token_version: int
    at: datetime
    deliveries: tuple[Delivery, ...]
    rejected: tuple[Rejected, ...] = ()
    truncated: int = 0
    trace: str = ""

    def __len__(self) -> int:
        return max(1, len(self.deliveries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a batch went. `stored` is "queue" while the database does not answer."""

    batch_id: UUID
    accepted: int
    rejected: int
    stored: Literal["database", "queue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An integration as the transaction found it."""

    project_id: UUID
    token_version: int
    is_revoked: bool
    policy: Policy


class Known(NamedTuple):
    """What is stored of an episode."""

    fired: bool
    resolved: bool
    ends_at: datetime | None
    content_hash: str


class Written(Enum):
    """What became of a batch: its token no longer holds, all was known already, or there is something new."""

    REFUSED = "refused"
    KNOWN = "known"
    NEW = "new"


type Key = tuple[UUID, str, datetime]

_BATCH: Final = TypeAdapter(Batch)


def batch_of(runtime: Runtime, actor: Actor, received: Received, trace: str) -> Batch:
    """Return what an integration's webhook brought as a batch."""
    if actor.tenant_id is None or actor.project_id is None or actor.id is None:
        raise Unauthenticated
    return Batch(
        batch_id=runtime.ids.new(),
        tenant_id=actor.tenant_id,
        project_id=actor.project_id,
        integration_id=actor.id,
        token_version=int(actor.name),
        at=runtime.clock.now(),
        deliveries=received.deliveries,
        rejected=received.rejected,
        truncated=received.truncated,
        trace=trace,
    )


async def ingest(runtime: Runtime, batch: Batch) -> Stored:
    """Store a batch: in the database, or on the queue while the database is away.

    Raises `Unauthenticated` when the token holds no more, `Unavailable` when neither store answers.
    """
    stored: Literal["database", "queue"] = "queue"
    if runtime.settings.ingest_mode is IngestMode.DATABASE:
        try:
            await store(runtime, batch)
            stored = "database"
        except DatabaseAway:
            await _spill(runtime, batch)
    else:
        await _spill(runtime, batch)
    return Stored(batch_id=batch.batch_id, accepted=len(batch.deliveries), rejected=len(batch.rejected), stored=stored)


async def store(runtime: Runtime, batch: Batch) -> None:
    """Merge a batch into the database. Raises `DatabaseAway`; `Unauthenticated` when the token holds no more."""
    try:
        written = await runtime.database.together(write, batch.tenant_id, batch)
    except Unstorable as error:
        await _store_singly(runtime, batch, error)
        return
    if written is Written.REFUSED:
        raise Unauthenticated
    fault("ingest.after_commit")
    if written is Written.NEW:
        runtime.relay.nudge()


async def store_spilled(runtime: Runtime, message: str) -> None:
    """Merge a message of the queue. While the database is away it goes back, so that no try is spent on waiting."""
    batch = replace(unpack(message), at=runtime.clock.now())
    try:
        await store(runtime, batch)
    except DatabaseAway:
        await runtime.queues.send(Queue.ALERTS, message, delay=_RESEND_SECONDS)


def pack(batch: Batch) -> Iterator[str]:
    """Write a batch as queue messages of at most `MAX_MESSAGE_BYTES`; halved until each one fits.

    A single alert that is too large loses its annotations and is marked as cut: its identity is in its labels. One
    whose labels alone are too large becomes a dead letter.
    """
    message = _BATCH.dump_json(batch)
    if len(message) <= MAX_MESSAGE_BYTES:
        yield message.decode()
    elif batch.rejected and batch.deliveries:
        yield from pack(replace(batch, rejected=()))
        yield from pack(replace(batch, deliveries=(), truncated=0))
    elif len(batch) > 1 or len(batch.rejected) > 1:
        half, kept = len(batch.deliveries) // 2, len(batch.rejected) // 2
        yield from pack(replace(batch, deliveries=batch.deliveries[:half], rejected=batch.rejected[:kept]))
        yield from pack(replace(batch, deliveries=batch.deliveries[half:], rejected=batch.rejected[kept:], truncated=0))
    elif any(delivery.annotations for delivery in batch.deliveries):
        cut = tuple(replace(delivery, annotations={}, cut=True) for delivery in batch.deliveries)
        yield from pack(replace(batch, deliveries=cut))
    else:
        yield from pack(replace(batch, deliveries=(), rejected=_letters(batch, "too large for the queue")))


def unpack(message: str) -> Batch:
    """Read a message that `pack` wrote. Raises `pydantic.ValidationError`."""
    return _BATCH.validate_json(message)


async def write(connection: RawConnection, tenant_id: UUID, batches: list[Batch]) -> list[Written]:
    """Merge many batches of one tenant in one transaction. Says of each what became of it."""
    now = max(batch.at for batch in batches)
    common = {"tenant": tenant_id, "now": now, "trace": batches[0].trace}
    episodes = _episodes(batches, await _open_since(connection, tenant_id, batches), now)
    # Both are sent before either is awaited: one round trip.
    senders_found = await connection.execute(SENDERS, {**common, "ids": list({one.integration_id for one in batches})})
    known_found = await connection.execute(KNOWN, {**common, **_keys(episodes)})
    senders = {
        row[0]: Sender(project_id=row[1], token_version=row[2], is_revoked=row[3], policy=policy_of(row[4]))
        for row in await senders_found.fetchall()
    }
    known = {(row[0], row[1], row[2]): Known(*row[3:]) for row in await known_found.fetchall()}
    holds = [_holds(senders.get(batch.integration_id), batch) for batch in batches]
    held = [batch for batch, is_held in zip(batches, holds, strict=True) if is_held]
    if len(held) < len(batches):
        episodes = _episodes(held, await _open_since(connection, tenant_id, held), now)
    rows = [
        _row(key[0], senders[key[0]], episode, now)
        for key, episode in episodes.items()
        if _adds(episode, known.get(key))
    ]
    if rows:
        payload = {**common, "rows": json.dumps(rows, ensure_ascii=False)}
        await connection.execute(OPEN_INCIDENTS, payload)
        fault("ingest.between_statements")
        await connection.execute(MERGE_ALERTS, payload)
    if letters := list(_dead_letters(held)):
        await connection.execute(BURY, {**common, "letters": json.dumps(letters, ensure_ascii=False)})
    if truncated := list(_truncated(held)):
        await connection.execute(MARK_TRUNCATED, {**common, "truncated": json.dumps(truncated)})
    merged = Written.NEW if rows else Written.KNOWN
    return [merged if is_held else Written.REFUSED for is_held in holds]


async def _open_since(
    connection: RawConnection, tenant_id: UUID, batches: Sequence[Batch]
) -> dict[tuple[UUID, str], datetime]:
    """Return when open episodes began, by integration and fingerprint, for deliveries that do not say."""
    unsaid = sorted({(b.integration_id, d.fingerprint) for b in batches for d in b.deliveries if d.starts_at is None})
    if not unsaid:
        return {}
    integrations, fingerprints = [one for one, _ in unsaid], [one for _, one in unsaid]
    await connection.execute(ONE_AT_A_TIME, {"ids": sorted({str(one) for one in integrations})})
    rows = await connection.execute(
        OPEN_EPISODES, {"tenant": tenant_id, "integrations": integrations, "fingerprints": fingerprints}
    )
    return {(row[0], row[1]): row[2] for row in await rows.fetchall()}


async def _store_singly(runtime: Runtime, batch: Batch, error: Unstorable) -> None:
    """Keep one alert that the database cannot hold from taking the others with it."""
    if len(batch.deliveries) > 1:
        for delivery in batch.deliveries:
            await store(runtime, replace(batch, deliveries=(delivery,), rejected=()))
        await store(runtime, replace(batch, deliveries=()))
    elif batch.deliveries:
        await store(runtime, replace(batch, deliveries=(), rejected=(*batch.rejected, *_letters(batch, error.title))))
    else:
        raise error


async def _spill(runtime: Runtime, batch: Batch) -> None:
    """Put a batch on the queue. The cache is then the only store that may know of a revoked token."""
    if await is_refused_by_cache(runtime, batch.integration_id, str(batch.token_version)):
        raise Unauthenticated
    for message in pack(batch):
        await runtime.queues.send(Queue.ALERTS, message)
    fault("ingest.after_spill")


def _holds(sender: Sender | None, batch: Batch) -> bool:
    return sender is not None and not sender.is_revoked and sender.token_version == batch.token_version


def _episodes(
    batches: Sequence[Batch], open_since: Mapping[tuple[UUID, str], datetime], now: datetime
) -> dict[Key, Episode]:
    """Return what the batches add up to, in one order for every transaction: none waits for another in a circle."""
    by_integration: defaultdict[UUID, list[Delivery]] = defaultdict(list)
    for batch in batches:
        by_integration[batch.integration_id].extend(batch.deliveries)
    return {
        (integration_id, episode.fingerprint, episode.starts_at): episode
        for integration_id in sorted(by_integration)
        for episode in episodes_of(
            by_integration[integration_id],
            {fingerprint: at for (owner, fingerprint), at in open_since.items() if owner == integration_id},
            now,
        )
    }


def _keys(episodes: Iterable[Key]) -> dict[str, list[Any]]:
    keys = list(episodes)
    return {
        "integrations": [integration for integration, _, _ in keys],
        "fingerprints": [fingerprint for _, fingerprint, _ in keys],
        "starts": [starts_at for _, _, starts_at in keys],
    }


def _adds(episode: Episode, known: Known | None) -> bool:
    """Whether an episode says more than what is stored of it; the merge's own condition, in Python."""
    return (
        known is None
        or (episode.fired and not known.fired)
        or (episode.resolved and not known.resolved)
        or (episode.ends_at is not None and (known.ends_at is None or episode.ends_at > known.ends_at))
        or episode.content_hash > known.content_hash
    )


def _row(integration_id: UUID, sender: Sender, episode: Episode, now: datetime) -> dict[str, Any]:
    content = episode.content
    grouped = grouping.group(content.labels, content.group)
    return {
        "integration_id": str(integration_id),
        "project_id": str(sender.project_id),
        "fingerprint": episode.fingerprint,
        "starts_at": episode.starts_at.isoformat(),
        "ends_at": episode.ends_at.isoformat() if episode.ends_at else None,
        "fired": episode.fired,
        "resolved": episode.resolved,
        "severity": severity_of(content.labels).value,
        "title": title_of(content.labels, content.annotations),
        "service_name": service_of(content.labels),
        "labels": dict(content.labels),
        "annotations": dict(content.annotations),
        "generator_url": content.generator_url,
        "content_hash": episode.content_hash,
        "grouping_key": grouped.key,
        "grouping": {"rule": grouped.rule.value, "values": dict(grouped.values)},
        "cut": content.cut,
        "reopen_since": (now - sender.policy.reopen_window).isoformat(),
    }


def _letters(batch: Batch, reason: str) -> tuple[Rejected, ...]:
    return tuple(
        Rejected(
            reason=reason,
            content=canonical({"labels": dict(d.labels), "status": d.status.value, "startsAt": str(d.starts_at)})[
                :_MAX_LETTER
            ],
        )
        for d in batch.deliveries
    )


def _dead_letters(batches: Iterable[Batch]) -> Iterator[dict[str, str]]:
    for batch in batches:
        for letter in batch.rejected:
            digest = hashlib.sha256(f"{batch.integration_id}{letter.reason}{letter.content}".encode()).hexdigest()
            yield {
                "project_id": str(batch.project_id),
                "source": "alerts",
                "reason": letter.reason,
                "content": letter.content,
                "digest": digest,
            }


def _truncated(batches: Iterable[Batch]) -> Iterator[dict[str, Any]]:
    for batch in batches:
        if batch.truncated and batch.deliveries:
            first = batch.deliveries[0]
            key = grouping.group(first.labels, first.group).key
            yield {"project_id": str(batch.project_id), "grouping_key": key, "truncated": batch.truncated}
