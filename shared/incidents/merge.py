"""The merge: many batches of one tenant into the database, in one transaction.

An episode's merge is a join (`shared.alerts.values.join`), here against what is stored, so deliveries may repeat, mix
and arrive in any order.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from shared.alerts import grouping
from shared.alerts.holding import Fired, Hold, Window, hold, window_of
from shared.alerts.policies import Policy, policy_of
from shared.alerts.values import Delivery, Episode, episodes_of, service_of, severity_of, title_of
from shared.incidents.batches import Batch
from shared.incidents.merge_sql import (
    HOLDS_DUE,
    KNOWN,
    LOCK_WINDOWS,
    MARK_TRUNCATED,
    MERGE_ALERTS,
    ONE_AT_A_TIME,
    OPEN_EPISODES,
    OPEN_INCIDENTS,
    REFIRE,
    SENDERS,
)
from shared.integrations.values import token_holds
from shared.platform.database import RawConnection, TryAgain
from shared.platform.dead_letters import Letter, bury_all
from shared.platform.faults import fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An integration as the transaction found it."""

    project_id: UUID
    token_version: int
    previous_until: datetime | None
    is_revoked: bool
    policy: Policy
    windows: tuple[Window, ...]


class Known(NamedTuple):
    """What is stored of an episode. `is_over`: it was held until it resolved, and stays without an incident."""

    fired: bool
    resolved: bool
    ends_at: datetime | None
    content_hash: str
    expires_at: datetime | None
    lapsed: bool
    is_over: bool


class Outcome(Enum):
    """What became of a batch: its token no longer holds, all was known already, or there is something new."""

    REFUSED = "refused"
    KNOWN = "known"
    NEW = "new"


class Written(NamedTuple):
    """What became of a batch, and how many of its alerts said something new."""

    outcome: Outcome
    new_alerts: int


type Key = tuple[UUID, str, datetime]


async def merge_alerts(connection: RawConnection, tenant_id: UUID, batches: list[Batch]) -> list[Written]:
    """Merge many batches of one tenant in one transaction. Says of each what became of it."""
    now = max(batch.at for batch in batches)
    common = {"tenant": tenant_id, "now": now, "trace": batches[0].trace}
    episodes = _episodes(batches, await _open_since(connection, tenant_id, batches), now)
    # Both are sent before either is awaited: one round trip.
    senders_found = await connection.execute(SENDERS, {**common, "ids": list({one.integration_id for one in batches})})
    known_found = await connection.execute(KNOWN, {**common, **_keys(episodes)})
    senders = {row[0]: _sender(row) for row in await senders_found.fetchall()}
    known = {(row[0], row[1], row[2]): Known(*row[3:]) for row in await known_found.fetchall()}
    verdicts = [_is_accepted(senders.get(batch.integration_id), batch) for batch in batches]
    accepted = [batch for batch, is_accepted in zip(batches, verdicts, strict=True) if is_accepted]
    if len(accepted) < len(batches):
        episodes = _episodes(accepted, await _open_since(connection, tenant_id, accepted), now)
    traces = {(one.integration_id, each.fingerprint): one.trace for one in accepted for each in one.deliveries}
    rows = [
        {**_row(key[0], senders[key[0]], episode, known.get(key), now), "trace": traces[key[:2]]}
        for key, episode in episodes.items()
        if _adds(episode, known.get(key))
    ]
    if rows:
        await lock_windows(connection, tenant_id, rows, senders.values())
        await write(connection, common, rows)
    if any(batch.rejected for batch in accepted):
        letters = [Letter.of(batch, rejected) for batch in accepted for rejected in batch.rejected]
        await bury_all(connection, tenant_id, now, "alerts", letters)
    if truncated := list(_truncated(accepted, senders)):
        await connection.execute(MARK_TRUNCATED, {**common, "truncated": json.dumps(truncated)})
    merged = Outcome.NEW if rows or truncated else Outcome.KNOWN
    news = {(UUID(row["integration_id"]), row["fingerprint"]) for row in rows}
    return [
        Written(merged, _claim(batch, news)) if is_accepted else Written(Outcome.REFUSED, 0)
        for batch, is_accepted in zip(batches, verdicts, strict=True)
    ]


def _claim(batch: Batch, news: set[tuple[UUID, str]]) -> int:
    """Take out of `news`, integrations and fingerprints, what this batch brought; each counts for one batch only."""
    brought = news & {(batch.integration_id, one.fingerprint) for one in batch.deliveries}
    news -= brought
    return len(brought)


async def senders_of(connection: RawConnection, tenant_id: UUID, ids: Iterable[UUID], now: datetime) -> list[Sender]:
    """Return integrations as they are now, with the policies and maintenance windows of their project."""
    found = await connection.execute(SENDERS, {"tenant": tenant_id, "ids": list(ids), "now": now})
    return [_sender(row) for row in await found.fetchall()]


async def lock_windows(
    connection: RawConnection, tenant_id: UUID, rows: Iterable[Mapping[str, Any]], senders: Iterable[Sender]
) -> None:
    """Keep the windows that hold something as they are. Raises `TryAgain` when one has changed meanwhile."""
    if all("window_id" not in row for row in rows):
        return
    versions = {window.id: window.version for sender in senders for window in sender.windows}
    found = await connection.execute(LOCK_WINDOWS, {"tenant": tenant_id, "windows": list(versions)})
    if dict(await found.fetchall()) != versions:
        raise TryAgain


async def write(connection: RawConnection, common: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Store episodes that say something new, in incidents where they belong into one. Returns those that joined one.

    Raises `TryAgain` when an incident was closed between the two statements: the next try opens another.
    """
    payload = {**common, "rows": json.dumps(rows, ensure_ascii=False)}
    await connection.execute(OPEN_INCIDENTS, payload)
    fault("ingest.between_statements")
    result = await connection.execute(MERGE_ALERTS, payload)
    joined, homeless, waiting = await result.fetchone() or ([], 0, [])
    if homeless:
        raise TryAgain
    if joined:
        await connection.execute(REFIRE, {**common, "fired": joined})
    if waiting:
        await connection.execute(HOLDS_DUE, {**common, "projects": waiting})
    return list(joined)


def _sender(row: Sequence[Any]) -> Sender:
    return Sender(
        project_id=row[1],
        token_version=row[2],
        previous_until=row[3],
        is_revoked=row[4],
        policy=policy_of(row[5]),
        windows=tuple(window_of(one) for one in row[6] or ()),
    )


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


def _is_accepted(sender: Sender | None, batch: Batch) -> bool:
    return (
        sender is not None
        and not sender.is_revoked
        and token_holds(
            batch.token_version,
            current=sender.token_version,
            previous_until=sender.previous_until,
            now=batch.received_at,
        )
    )


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
        or (episode.expires_at is not None and (known.expires_at is None or episode.expires_at > known.expires_at))
        or (known.lapsed and episode.fired)
        or episode.content_hash > known.content_hash
    )


def _row(integration_id: UUID, sender: Sender, episode: Episode, known: Known | None, now: datetime) -> dict[str, Any]:
    content, policy = episode.content, sender.policy
    grouped = grouping.group(content.labels, content.group, episode.fingerprint, policy)
    return {
        "integration_id": str(integration_id),
        "project_id": str(sender.project_id),
        "fingerprint": episode.fingerprint,
        "starts_at": episode.starts_at.isoformat(),
        "ends_at": episode.ends_at.isoformat() if episode.ends_at else None,
        "expires_at": episode.expires_at.isoformat() if episode.expires_at else None,
        "fired": episode.fired and not (known and known.is_over),
        "resolved": episode.resolved,
        "severity": severity_of(content.labels, policy.severity_labels, policy.severity_map).value,
        "title": title_of(content.labels, content.annotations),
        "service_name": service_of(content.labels, policy.service_labels),
        "labels": dict(content.labels),
        "annotations": dict(content.annotations),
        "generator_url": content.generator_url,
        "content_hash": episode.content_hash,
        "grouping_key": grouped.key,
        "grouping": {
            "rule": grouped.rule.value,
            "fields": list(grouped.fields),
            "values": dict(grouped.values),
            "sent": dict(content.group),
        },
        "cut": content.cut,
        "reopen_since": (now - policy.reopen_window).isoformat(),
        **(_held(sender, episode, known, now) if episode.fired else {}),
    }


def _held(sender: Sender, episode: Episode, known: Known | None, now: datetime) -> dict[str, Any]:
    """Return why an alert waits, as columns; nothing where it does not."""
    ends = (episode.ends_at, known.ends_at if known else None)
    alert = Fired(
        labels=episode.content.labels,
        starts_at=episode.starts_at,
        resolved=episode.resolved or (known is not None and known.resolved and not known.lapsed),
        ends_at=max((at for at in ends if at), default=None),
    )
    return columns_of(hold(alert, sender.windows, sender.policy.threshold, now))


def columns_of(held: Hold | None) -> dict[str, Any]:
    """Return a hold as columns of an alert, as text; what is absent is null."""
    if held is None:
        return {}
    named = {"held_by": held.reason.value, "held_until": held.until.isoformat() if held.until else None}
    return named | ({"window_id": str(held.window_id)} if held.window_id else {})


def _truncated(batches: Iterable[Batch], senders: Mapping[UUID, Sender]) -> Iterator[dict[str, Any]]:
    """Which incidents a notification with missing alerts went to: those are among them, nobody knows where."""
    for batch in batches:
        if batch.truncated:
            policy = senders[batch.integration_id].policy
            keys = {grouping.group(one.labels, one.group, one.fingerprint, policy).key for one in batch.deliveries}
            for key in sorted(keys):
                yield {"project_id": str(batch.project_id), "grouping_key": key, "truncated": batch.truncated}
