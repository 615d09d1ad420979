"""Changes in: stored before they are answered, by the same way as alerts."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from shared.changes.batches import ChangeBatch, pack, unpack
from shared.changes.events import ChangeRecorded
from shared.integrations.receiving import IngestRoute, store_or_spill, store_spilled
from shared.integrations.values import Stored, token_holds
from shared.kernel.errors import Unauthenticated
from shared.platform.database import RawConnection
from shared.platform.dead_letters import Letter, bury_all
from shared.platform.foreign import refusals
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime

_SENDERS: Final = """
select id, token_version, previous_until from monitoring_integrations
where tenant_id = %(tenant)s and id = any(%(ids)s) and revoked_at is null
"""
# In one order, so that two transactions never wait for each other's changes in a circle.
_RECORD: Final = f"""
with rows as (
  select * from jsonb_to_recordset(%(rows)s::jsonb) as r(
    project_id uuid, integration_id uuid, external_id text, at timestamptz, kind text, component text, title text,
    detail text, author text, url text, trace text)),
fresh as (
  insert into changes (tenant_id, id, project_id, integration_id, external_id, at, kind, component, title, detail,
                       author, url, received_at)
  select %(tenant)s, uuidv7(), project_id, integration_id, external_id, at, kind, component, title, detail, author, url,
         %(now)s
  from rows
  order by integration_id, external_id
  on conflict (tenant_id, integration_id, external_id) do nothing
  returning *)
insert into event_log (tenant_id, id, project_id, type, subject_id, at, actor_kind, actor_id, actor_name, data, trace)
select %(tenant)s, uuidv7(), f.project_id, '{ChangeRecorded.type}', f.id, %(now)s, 'integration', i.id, i.name,
       jsonb_build_object('id', f.id, 'at', f.at, 'kind', f.kind, 'component', f.component, 'title', f.title),
       (select trace from rows r where r.integration_id = f.integration_id and r.external_id = f.external_id limit 1)
from fresh f join monitoring_integrations i on i.tenant_id = f.tenant_id and i.id = f.integration_id
"""  # noqa: S608 - the name of an event


async def record_changes(runtime: Runtime, batch: ChangeBatch) -> Stored:
    """Store a batch: in the database, or on the queue while the database is away.

    Raises `Unauthenticated` when the token holds no more, `Unavailable` when neither store answers.
    """
    where = await store_or_spill(runtime, batch, _ROUTE)
    return Stored(batch_id=batch.batch_id, accepted=len(batch.changes), rejected=refusals(batch.rejected), stored=where)


async def record_spilled(runtime: Runtime, message: str) -> None:
    """Store a message of the queue."""
    await store_spilled(runtime, unpack(message), _ROUTE, message)


async def store(runtime: Runtime, batch: ChangeBatch) -> None:
    """Store a batch in the database. Raises `DatabaseAway`; `Unauthenticated` when the token holds no more."""
    if not await runtime.database.together(write, batch.tenant_id, batch):
        raise Unauthenticated
    await runtime.responses.outdate([batch.project_id])
    runtime.relay.nudge()


async def write(connection: RawConnection, tenant_id: UUID, batches: list[ChangeBatch]) -> list[bool]:
    """Store many batches of one tenant in one transaction. Says of each whether its token held."""
    ids = sorted({batch.integration_id for batch in batches})
    found = await connection.execute(_SENDERS, {"tenant": tenant_id, "ids": ids})
    senders = {row[0]: row for row in await found.fetchall()}
    holds = [_holds(senders.get(batch.integration_id), batch) for batch in batches]
    held = [batch for batch, is_held in zip(batches, holds, strict=True) if is_held]
    now = max(batch.at for batch in batches)
    if rows := list(_rows(held)):
        payload = {"tenant": tenant_id, "now": now, "rows": json.dumps(rows, ensure_ascii=False)}
        await connection.execute(_RECORD, payload)
    if letters := [Letter.of(batch, rejected) for batch in held for rejected in batch.rejected]:
        await bury_all(connection, tenant_id, now, Queue.CHANGES, letters)
    return holds


def _holds(sender: tuple[Any, ...] | None, batch: ChangeBatch) -> bool:
    if sender is None:
        return False
    return token_holds(batch.token_version, current=sender[1], previous_until=sender[2], now=batch.at)


def _rows(batches: Iterable[ChangeBatch]) -> Iterable[dict[str, Any]]:
    for batch in batches:
        for change in batch.changes:
            yield {
                **asdict(change),
                "at": change.at.isoformat(),
                "project_id": str(batch.project_id),
                "integration_id": str(batch.integration_id),
                "trace": batch.trace,
            }


_ROUTE: Final = IngestRoute(queue=Queue.CHANGES, store=store, pack=pack)
