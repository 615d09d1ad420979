from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.access.schemas import SignedInOut
from shared.access.tables import ProjectRow
from shared.incidents.events import IncidentUpdated
from shared.kernel.values import ANONYMOUS, Actor, ActorKind, ProjectId, TenantId, system_actor
from shared.platform.runtime import Runtime
from tests.fixtures import StoppedClock, sign_up
from tests.shared.platform.recording import Log, record


class Colour(StrEnum):
    RED = "red"


async def test_a_transaction_needs_a_tenant(runtime: Runtime) -> None:
    with pytest.raises(RuntimeError, match="tenant"):
        async with runtime.transaction(ANONYMOUS):
            pass


async def test_a_fact_is_recorded_with_who_when_and_where(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    incident, trace = uuid4(), f"00-{'a' * 32}-{'b' * 16}-01"
    tenant, project = TenantId(account.tenant_id), ProjectId(account.project_id)
    actor = Actor(kind=ActorKind.USER, id=account.user_id, name=account.email, tenant_id=tenant)
    async with runtime.transaction(actor, trace=trace) as tx:
        tx.record(
            IncidentUpdated(
                project_id=project,
                subject_id=incident,
                incident_id=incident,
                data={"title": "Langsam — 遅い"},
                changes={"state": ("detected", "acknowledged")},
                note="On it.",
            )
        )
    (row,) = await Log(owner, tenant).rows(IncidentUpdated)
    expected = {
        "type": "incident.updated",
        "project_id": project,
        "subject_id": incident,
        "incident_id": incident,
        "at": clock.now(),
        "actor_kind": "user",
        "actor_id": account.user_id,
        "actor_name": account.email,
        "data": {"title": "Langsam — 遅い"},
        "changes": {"state": ["detected", "acknowledged"]},
        "note": "On it.",
        "trace": trace,
        "seq": None,
    }
    assert {name: row[name] for name in expected} == expected


async def test_ids_times_and_enumerations_are_recorded_as_text(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    data = {"id": UUID(int=1), "at": datetime(2026, 1, 1, tzinfo=UTC), "colour": Colour.RED, "of": [UUID(int=2)]}
    await record(runtime, account, IncidentUpdated, data=data)
    (row,) = await Log(owner, account.tenant_id).rows(IncidentUpdated)
    assert row["data"] == {
        "id": str(UUID(int=1)),
        "at": "2026-01-01T00:00:00+00:00",
        "colour": "red",
        "of": [str(UUID(int=2))],
    }


async def test_what_json_does_not_know_is_refused_and_nothing_is_recorded(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    with pytest.raises(TypeError, match="set cannot be recorded"):
        await record(runtime, account, IncidentUpdated, data={"set": {1}})
    assert await Log(owner, account.tenant_id).rows(IncidentUpdated) == []


async def test_a_fact_goes_with_the_change_that_failed(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    async def fail_halfway() -> None:
        async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
            tx.record(IncidentUpdated(project_id=ProjectId(account.project_id), subject_id=uuid4()))
            raise LookupError

    with pytest.raises(LookupError):
        await fail_halfway()
    assert await Log(owner, account.tenant_id).rows(IncidentUpdated) == []


async def test_a_transaction_sees_its_own_tenant_even_when_it_asks_for_all(
    runtime: Runtime, account: SignedInOut
) -> None:
    other = await sign_up(runtime)
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        found: Any = await tx.session.execute(ProjectRow.__table__.select())
        projects = {row.id for row in found}
    assert account.project_id in projects
    assert other.project_id not in projects
