"""Changes as the event log has them, the newest first."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any, Final

from sqlalchemy import String, and_, cast, or_, tuple_
from sqlalchemy.sql import ColumnElement

from shared.audit.schemas import ActorOut, ChangeOut, FieldOut
from shared.audit.scope import Scope, Wanted
from shared.audit.values import Outcome, begins
from shared.kernel.masking import mask_secrets
from shared.kernel.values import ActorKind, TenantId, system_actor
from shared.platform.paging import last_moment
from shared.platform.runtime import Runtime, Tx
from shared.platform.tables import EventRow
from shared.platform.telemetry import trace_id_of

_CHUNK: Final = 1_000  # rows, of one transaction
# How types of events end that tell of something as it came to be, or as it was.
_BEGINS: Final = (".created", ".registered", ".accepted", "added", ".fired", ".recorded")
_ENDS: Final = (".deleted", ".purged", ".revoked", ".removed", "sessions.ended")
_MASK: Final = "[masked]"
_SECRET_NAMES: Final = ("password", "secret", "token", "credential", "api_key", "authorization")


async def page(tx: Tx, scope: Scope, asked: Wanted, *, cursor: str | None, limit: int) -> Sequence[EventRow]:
    """Return the newest changes that are asked for, `limit` at most. Raises `BadCursor`."""
    wanted = [EventRow.at >= asked.since, EventRow.at < asked.until, *_conditions(scope, asked)]
    if cursor:
        wanted.append(tuple_(EventRow.at, EventRow.id) < last_moment(cursor))
    if asked.given.outcome not in {None, Outcome.OK}:
        return []
    found = tx.select(EventRow).where(*wanted).order_by(EventRow.at.desc(), EventRow.id.desc()).limit(limit)
    return (await tx.session.scalars(found)).all()


async def of_day(
    runtime: Runtime, tenant_id: TenantId, day: date, *, most: int | None = None
) -> AsyncIterator[EventRow]:
    """Yield the changes of a day, the earliest first, a thousand at a time in memory; `most` of them at most."""
    wanted = [EventRow.at >= begins(day), EventRow.at < begins(day + timedelta(days=1))]
    after: list[ColumnElement[bool]] = []
    count = 0
    while True:
        async with runtime.transaction(system_actor(tenant_id)) as tx:
            query = tx.select(EventRow).where(*wanted, *after).order_by(EventRow.at, EventRow.id).limit(_CHUNK)
            rows = (await tx.session.scalars(query)).all()
        for row in rows:
            if count == most:
                return
            yield row
            count += 1
        if len(rows) < _CHUNK:
            return
        after = [tuple_(EventRow.at, EventRow.id) > (rows[-1].at, rows[-1].id)]


def place_of(row: EventRow) -> str:
    """Return what orders a change, in the audit and on a timeline."""
    return f"{row.at.astimezone(UTC).isoformat()}_{row.id}_{row.position}"


def content_of(row: EventRow) -> Mapping[str, Any]:
    """Return what a row says, without where it stands and what became of its delivery."""
    return {
        "project_id": str(row.project_id),
        "type": row.type,
        "subject_id": str(row.subject_id),
        "incident_id": str(row.incident_id or ""),
        "actor_kind": row.actor_kind,
        "actor_id": str(row.actor_id or ""),
        "actor_name": row.actor_name,
        "data": row.data,
        "changes": row.changes,
        "note": row.note,
        "trace": row.trace,
    }


def shown(row: EventRow) -> ChangeOut:
    """Return a row as it is on the wire, masked. What is new became what is told of it; what is gone was it."""
    given = row.changes
    if not given and row.type.endswith(_BEGINS):
        given = {name: [None, value] for name, value in row.data.items()}
    if not given and row.type.endswith(_ENDS):
        given = {name: [value, None] for name, value in row.data.items()}
    pairs = {name: (_masked(name, before), _masked(name, after)) for name, (before, after) in given.items()}
    return ChangeOut(
        at=row.at,
        id=row.id,
        actor=ActorOut(kind=ActorKind(row.actor_kind), id=row.actor_id, name=row.actor_name),
        project_id=row.project_id,
        action=row.type,
        resource_id=row.subject_id,
        incident_id=row.incident_id,
        changes={name: FieldOut(before=before, after=after) for name, (before, after) in pairs.items()},
        details={name: _masked(name, value) for name, value in row.data.items()},
        note=mask_secrets(row.note),
        trace_id=trace_id_of(row.trace),
    )


def _masked(name: str, value: Any) -> Any:
    """Return a value without secrets: none of a field that is named as one, and none that look like one."""
    match value:
        case dict():
            return {key: _masked(key, each) for key, each in value.items()}
        case list():
            return [_masked(name, each) for each in value]
        case str():
            return _MASK if any(word in name.lower() for word in _SECRET_NAMES) else mask_secrets(value)
        case _:
            return value


def _conditions(scope: Scope, asked: Wanted) -> list[ColumnElement[bool]]:
    given = asked.given
    found: list[ColumnElement[bool]] = []
    if scope.project_id is not None:
        found.append(EventRow.project_id == scope.project_id)
    if given.person is not None:
        found.append(EventRow.actor_id == given.person)
    if given.action is not None:
        found.append(EventRow.type == given.action)
    if given.resource is not None:
        found.append(or_(EventRow.subject_id == given.resource, EventRow.incident_id == given.resource))
    if given.q:
        texts = (EventRow.actor_name, EventRow.type, EventRow.note, cast(EventRow.changes, String))
        found.append(or_(*(text.icontains(given.q, autoescape=True) for text in texts)))
    return [and_(*found)] if found else []
