"""Plan maintenance windows, change them, end them, and see what they would hold."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql.ranges import MultiRange
from sqlalchemy.orm import defer

from shared.alerts.errors import BadWindow, WindowNotFound, WindowOver
from shared.alerts.events import (
    HoldsDue,
    MaintenanceWindowCancelled,
    MaintenanceWindowCreated,
    MaintenanceWindowUpdated,
)
from shared.alerts.holding import HoldReason
from shared.alerts.maintenance_schemas import (
    LONGEST,
    MaintenanceWindowIn,
    MaintenanceWindowPatch,
    MatchedAlertOut,
    MatcherIn,
    PreviewOut,
    WindowStatus,
    spans_of,
)
from shared.alerts.matching import Matcher, all_match
from shared.alerts.recurrence import BadRule, Span, unfold
from shared.alerts.tables import AlertRow, MaintenanceWindowRow
from shared.kernel.errors import check_version
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx

_MAX_LOOKED_AT: Final = 10_000
_MAX_SHOWN: Final = 50
_AT_ONCE: Final = 1_000  # others have their turn in between
_SHOWN: Final = ("title", "matchers", "starts_at", "ends_at", "rule", "timezone", "last_ends_at")

type Transact = Callable[[], AbstractAsyncContextManager[Tx]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recent:
    """An alert, with those of its labels that somebody asks for."""

    id: UUID
    resolved: bool
    labels: Mapping[str, str]


async def create_window(tx: Tx, project_id: ProjectId, given: MaintenanceWindowIn) -> MaintenanceWindowRow:
    """Plan a window. Raises `BadWindow`."""
    row = MaintenanceWindowRow(
        tenant_id=tx.tenant_id, id=tx.ids.new(), project_id=project_id, version=1, created_at=tx.now, cancelled_at=None
    )
    for name, value in given.model_dump().items():
        setattr(row, name, value)
    _plan(row, (), tx.now)
    tx.session.add(row)
    tx.record(
        MaintenanceWindowCreated(
            project_id=project_id,
            subject_id=row.id,
            data={"title": row.title},
            changes={name: (None, value) for name, value in _shown(row).items()},
        )
    )
    await _look_again(tx, project_id)  # it may follow one that holds alerts already
    return row


async def update_window(
    tx: Tx,
    project_id: ProjectId,
    window_id: UUID,
    given: MaintenanceWindowPatch,
    *,
    expected: int | None = None,
) -> MaintenanceWindowRow:
    """Change what `given` names. Alerts that it holds no longer are released.

    Raises `WindowNotFound`, `StaleVersion`, `WindowOver`, `BadWindow`.
    """
    row = await _locked(tx, project_id, window_id, expected)
    if row.last_ends_at <= tx.now:
        raise WindowOver
    before = _shown(row)
    for name, value in given.model_dump(include=given.model_fields_set).items():
        if value is not None:
            setattr(row, name, value)
    if given.model_fields_set & {"starts_at", "ends_at", "rule", "timezone"}:
        _plan(row, spans_of(row), tx.now)
    after = _shown(row)
    changes = {name: (before[name], after[name]) for name in _SHOWN if before[name] != after[name]}
    if changes:
        await _changed(tx, row, changes)
    return row


async def end_window(
    tx: Tx, project_id: ProjectId, window_id: UUID, *, expected: int | None = None
) -> MaintenanceWindowRow:
    """End the occurrence that holds now; later ones stay as planned.

    Raises `WindowNotFound`, `StaleVersion`, `WindowOver`.
    """
    row = await _locked(tx, project_id, window_id, expected)
    if not any(span.start <= tx.now < span.end for span in spans_of(row)):
        raise WindowOver
    before = row.last_ends_at
    later = [span for span in spans_of(row) if span.start > tx.now]
    _keep(row, [*_until(spans_of(row), tx.now), *later])
    await _changed(tx, row, {"ended": (False, True), "last_ends_at": (before, row.last_ends_at)})
    return row


async def cancel_window(tx: Tx, project_id: ProjectId, window_id: UUID, *, expected: int | None = None) -> None:
    """End a window and all that was planned of it. It stays listed. Raises `WindowNotFound`, `StaleVersion`."""
    row = await _locked(tx, project_id, window_id, expected)
    if row.cancelled_at is not None or row.last_ends_at <= tx.now:
        return
    row.cancelled_at, row.version = tx.now, row.version + 1
    _keep(row, [*_until(spans_of(row), tx.now)])
    tx.record(
        MaintenanceWindowCancelled(
            project_id=project_id,
            subject_id=row.id,
            data={"title": row.title},
            changes={"cancelled_at": (None, tx.now)},
        )
    )
    await _look_again(tx, project_id)


async def get_window(tx: Tx, project_id: ProjectId, window_id: UUID) -> MaintenanceWindowRow:
    """Return a window, also one that is over. Raises `WindowNotFound`."""
    row = await tx.session.scalar(
        tx.select(MaintenanceWindowRow).where(
            MaintenanceWindowRow.project_id == project_id, MaintenanceWindowRow.id == window_id
        )
    )
    if row is None:
        raise WindowNotFound
    return row


async def list_windows(
    tx: Tx, project_id: ProjectId, *, status: WindowStatus | None, before: UUID | None, limit: int
) -> Sequence[MaintenanceWindowRow]:
    """Return the project's windows, newest first."""
    query = tx.select(MaintenanceWindowRow).where(MaintenanceWindowRow.project_id == project_id)
    holds = MaintenanceWindowRow.times.op("@>", is_comparison=True)(literal(tx.now, DateTime(timezone=True)))
    match status:
        case WindowStatus.ACTIVE:
            query = query.where(MaintenanceWindowRow.last_ends_at > tx.now, holds)
        case WindowStatus.UPCOMING:
            query = query.where(MaintenanceWindowRow.last_ends_at > tx.now, ~holds)
        case WindowStatus.PAST:
            query = query.where(MaintenanceWindowRow.last_ends_at <= tx.now)
    if before is not None:
        query = query.where(MaintenanceWindowRow.id < before)
    return (await tx.session.scalars(query.order_by(MaintenanceWindowRow.id.desc()).limit(limit))).all()


async def held_counts(tx: Tx, project_id: ProjectId, window_ids: Iterable[UUID]) -> Mapping[UUID, int]:
    """Return how many alerts each window holds now."""
    rows = await tx.session.execute(
        select(AlertRow.window_id, func.count())
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            AlertRow.project_id == project_id,
            AlertRow.held_by == HoldReason.SUPPRESSED,
            AlertRow.incident_id.is_(None),
            AlertRow.held_until > tx.now,
            AlertRow.window_id.in_([*window_ids]),
        )
        .group_by(AlertRow.window_id)
    )
    return {window_id: count for window_id, count in rows if window_id is not None}


async def preview(transact: Transact, project_id: ProjectId, given: Iterable[MatcherIn]) -> PreviewOut:
    """Return which alerts of the last 24 hours the matchers would match. No transaction is open while it tries them."""
    matchers = [one.matcher() for one in given]
    async with transact() as tx:
        found = await _recent(tx, project_id, {one.label for one in matchers})
    tried = found[:_MAX_LOOKED_AT]
    matched = await asyncio.to_thread(_matching, matchers, tried)  # seconds of costly patterns, beside others' calls
    async with transact() as tx:
        shown = await _named(tx, project_id, [one.id for one in matched[:_MAX_SHOWN]])
    return PreviewOut(
        looked_at=len(tried),
        matched=len(matched),
        firing=sum(not one.resolved for one in matched),
        is_partial=len(found) > len(tried),
        alerts=[MatchedAlertOut.of(row) for row in shown],
    )


async def _recent(tx: Tx, project_id: ProjectId, labels: Collection[str]) -> list[_Recent]:
    """Return the newest alerts of the last 24 hours, with these labels alone: an alert may have 64 kB of them."""
    day_ago = select(func.uuidv7(text("interval '-24 hours'"))).scalar_subquery()
    rows = await tx.session.stream(
        select(AlertRow.id, AlertRow.resolved, *(AlertRow.labels[label].astext for label in labels))
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            AlertRow.project_id == project_id,
            AlertRow.fired,
            AlertRow.id >= day_ago,
        )
        .order_by(AlertRow.id.desc())
        .limit(_MAX_LOOKED_AT + 1)
    )
    return [
        _Recent(
            id=alert_id,
            resolved=resolved,
            labels={label: value for label, value in zip(labels, values, strict=True) if value is not None},
        )
        async for part in rows.partitions(_AT_ONCE)
        for alert_id, resolved, *values in part
    ]


def _matching(matchers: Sequence[Matcher], alerts: Iterable[_Recent]) -> list[_Recent]:
    return [one for one in alerts if all_match(matchers, one.labels)]


async def _named(tx: Tx, project_id: ProjectId, ids: Sequence[UUID]) -> Sequence[AlertRow]:
    """Return alerts as they are shown, newest first."""
    found = await tx.session.scalars(
        tx.select(AlertRow)
        .where(AlertRow.project_id == project_id, AlertRow.id.in_(ids))
        .order_by(AlertRow.id.desc())
        .options(defer(AlertRow.annotations, raiseload=True))
    )
    return found.all()


def _plan(row: MaintenanceWindowRow, before: Iterable[Span], now: datetime) -> None:
    """Plan a window's occurrences from now on; what it held until now stays. Raises `BadWindow`."""
    first = Span(start=row.starts_at, end=row.ends_at)
    if not first.start < first.end <= first.start + LONGEST:
        raise BadWindow.of("must begin and then end, within 31 days", "starts_at", "ends_at")
    try:
        planned = unfold(first, row.rule, row.timezone)
    except BadRule as error:
        raise BadWindow.of(str(error), "rule") from None
    if planned[-1].end <= now:
        raise BadWindow.of("is over already", "ends_at")
    # What a change takes out of the past, or puts into it, would change what alerts of then were held by.
    past = _until(before, now) if before else ()
    ahead = (
        [Span(start=max(span.start, now), end=span.end) for span in planned if span.end > now] if before else planned
    )
    _keep(row, [*past, *ahead])


def _until(spans: Iterable[Span], now: datetime) -> Iterable[Span]:
    return [Span(start=span.start, end=min(span.end, now)) for span in spans if span.start < now]


def _keep(row: MaintenanceWindowRow, spans: Sequence[Span]) -> None:
    """Write down the occurrences; those that meet become one."""
    met: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if met and span.start <= met[-1].end:
            met[-1] = Span(start=met[-1].start, end=max(met[-1].end, span.end))
        else:
            met.append(span)
    row.times = MultiRange([Range(span.start, span.end) for span in met])
    row.last_ends_at = met[-1].end if met else row.created_at


async def _changed(tx: Tx, row: MaintenanceWindowRow, changes: Mapping[str, tuple[Any, Any]]) -> None:
    row.version += 1
    tx.record(
        MaintenanceWindowUpdated(
            project_id=ProjectId(row.project_id), subject_id=row.id, data={"title": row.title}, changes=changes
        )
    )
    await _look_again(tx, ProjectId(row.project_id))


async def _look_again(tx: Tx, project_id: ProjectId) -> None:
    """Make the project's suppressed alerts due: its windows hold others than before."""
    await tx.session.flush()
    held = (
        select(AlertRow.id)
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            AlertRow.project_id == project_id,
            AlertRow.held_by == HoldReason.SUPPRESSED,
            AlertRow.incident_id.is_(None),
            AlertRow.held_until > tx.now,
        )
        .order_by(AlertRow.integration_id, AlertRow.fingerprint, AlertRow.starts_at)  # in which ingest locks them
        .with_for_update()
        .cte("held")
    )
    touched = await tx.session.execute(
        update(AlertRow)
        .where(AlertRow.tenant_id == tx.tenant_id, AlertRow.id.in_(select(held.c.id)))
        .values(held_until=tx.now)
        .returning(AlertRow.id)
        .execution_options(synchronize_session=False)
    )
    if touched.first() is not None:
        tx.record(HoldsDue(project_id=project_id, subject_id=project_id))


def _shown(row: MaintenanceWindowRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN}


async def _locked(tx: Tx, project_id: ProjectId, window_id: UUID, expected: int | None) -> MaintenanceWindowRow:
    row = await tx.session.scalar(
        tx.select(MaintenanceWindowRow)
        .where(MaintenanceWindowRow.project_id == project_id, MaintenanceWindowRow.id == window_id)
        .with_for_update()
    )
    if row is None:
        raise WindowNotFound
    check_version(row.version, expected)
    return row
