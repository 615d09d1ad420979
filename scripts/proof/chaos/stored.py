"""What a run has left in the stores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from azure.data.tables.aio import TableServiceClient
from psycopg.rows import dict_row

from shared.kernel.values import TenantId
from shared.platform.call_audit import partition_of
from shared.platform.table_store import API_CALLS

type Rows = Sequence[dict[str, Any]]
type Connection = psycopg.AsyncConnection[Any]

_ALERTS: Final = """
select id, integration_id, labels->>'alertname' as problem, labels->>'pod' as source, starts_at, fired, resolved,
       incident_id, fired_at, created_at
from alerts where tenant_id = %(tenant)s"""
_INCIDENTS: Final = "select id, grouping_key, state, created_at from incidents where tenant_id = %(tenant)s"
_EVENTS: Final = """
select id, type, subject_id, incident_id, at, changes, seq, published_at, position
from event_log where tenant_id = %(tenant)s order by position"""
_INBOX: Final = "select id, consumer, at from inbox where tenant_id = %(tenant)s"
_RUNS: Final = """
select incident_id, run, count(*) as hypotheses, count(distinct rank) as ranks from hypotheses
where tenant_id = %(tenant)s group by incident_id, run"""
_DELIVERIES: Final = "select id, event_id, status from notification_deliveries where tenant_id = %(tenant)s"
_LETTERS: Final = "select source, reason from dead_letters where tenant_id = %(tenant)s"
_CALLS: Final = """
select incident_id, created_at, settled_at, outcome from ai_requests
where tenant_id = %(tenant)s and outcome not in ('reused', 'over_budget') order by created_at"""
# What waits for a lock or a client, or goes on for long, once all is done.
_OPEN: Final = """
select count(*) as open from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
  and (state like 'idle in transaction%%' or (state = 'active' and xact_start < now() - interval '10 seconds'))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """All rows of the tenant that tell what came of a run; `audited` are the request ids of audited calls."""

    alerts: Rows
    incidents: Rows
    events: Rows
    inbox: Rows
    runs: Rows
    deliveries: Rows
    letters: Rows
    model_calls: Rows
    open_transactions: int
    audited: frozenset[str]

    def events_of(self, type_: str) -> Counter[UUID]:
        """Return how many events of a type there are, by their subject."""
        return Counter(event["subject_id"] for event in self.events if event["type"] == type_)


async def look(owner: Connection, storage: str, tenant_id: str) -> Stored:
    """Read everything."""

    async def rows(query: str) -> Rows:
        async with owner.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, {"tenant": tenant_id})
            return await cursor.fetchall()

    return Stored(
        alerts=await rows(_ALERTS),
        incidents=await rows(_INCIDENTS),
        events=await rows(_EVENTS),
        inbox=await rows(_INBOX),
        runs=await rows(_RUNS),
        deliveries=await rows(_DELIVERIES),
        letters=await rows(_LETTERS),
        model_calls=await rows(_CALLS),
        open_transactions=(await rows(_OPEN))[0]["open"],
        audited=await _audited(storage, TenantId(UUID(tenant_id))),
    )


async def _audited(storage: str, tenant_id: TenantId) -> frozenset[str]:
    """Return the request ids of audited calls, of today and, for a run over midnight, of yesterday."""
    found = set()
    async with TableServiceClient.from_connection_string(storage, retry_total=0) as service:
        table = service.get_table_client(API_CALLS)
        for days in (0, 1):
            partition = partition_of(tenant_id, (datetime.now(UTC) - timedelta(days=days)).date())
            async for row in table.query_entities(f"PartitionKey eq '{partition}'", select=["request_id"]):
                found.add(str(row["request_id"]))
    return frozenset(found)
