"""Ask integrations for their health, and remember what they said. Nothing is called inside a transaction."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from shared.integrations.commands import credentials_place
from shared.integrations.errors import IntegrationEnded, NoBaseUrl
from shared.integrations.tables import IntegrationCheckRow, IntegrationRow
from shared.integrations.values import HEALTH_PATHS, IntegrationKind
from shared.kernel.values import TenantId, system_actor
from shared.platform.aging import forget_older
from shared.platform.outbound import AddressRefused, NoAnswer
from shared.platform.runtime import Runtime, Tx
from shared.platform.turns import in_turn, spared
from shared.platform.vault import Unsealable, Vault

log = logging.getLogger(__name__)

# 400 that hang on both paths, 20 at a time, take 200 seconds: within the five minutes that a function has.
_MAX_AT_ONCE: Final = 20
_MAX_IN_A_RUN: Final = 400
KEPT_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a check; `detail` is in our words, and empty when all is well."""

    ok: bool
    latency_ms: int
    detail: str


_FAILED: Final = Outcome(ok=False, latency_ms=0, detail="the check itself failed")


async def check(runtime: Runtime, row: IntegrationRow) -> Outcome:
    """Call an integration's health endpoint. Raises `IntegrationEnded`, `NoBaseUrl`."""
    if row.revoked_at is not None:
        raise IntegrationEnded
    if row.base_url is None:
        raise NoBaseUrl
    began = time.perf_counter()
    try:
        detail = await _complaint(runtime, row, row.base_url)
    except AddressRefused as error:
        detail = error.title
    except NoAnswer as error:
        detail = error.detail
    except Unsealable:
        log.error("the credentials of integration %s cannot be opened", row.id)  # noqa: TRY400 - its text says no more
        detail = "the stored credentials cannot be read; give them again"
    return Outcome(ok=not detail, latency_ms=round((time.perf_counter() - began) * 1_000), detail=detail)


async def check_all(runtime: Runtime) -> int:
    """Check the integrations of all tenants that were not checked for longest; returns how many."""
    rows: list[IntegrationRow] = []
    for tenant_id, ids in await _due(runtime):
        rows += await spared(_load(runtime, tenant_id, ids), f"looking up the integrations of tenant {tenant_id}") or ()
    outcomes = await in_turn(
        rows,
        lambda row: check(runtime, row),
        what=lambda row: f"the check of integration {row.id}",
        at_once=_MAX_AT_ONCE,
    )
    found = zip(rows, outcomes, strict=True)
    for tenant_id, ours in groupby(found, key=lambda pair: pair[0].tenant_id):
        recorded = _record_all(runtime, TenantId(tenant_id), list(ours))
        await spared(recorded, f"recording the checks of tenant {tenant_id}")
    return len(rows)


async def _record_all(
    runtime: Runtime, tenant_id: TenantId, found: Iterable[tuple[IntegrationRow, Outcome | None]]
) -> None:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        for row, outcome in found:
            record(tx, row.id, outcome or _FAILED)


def record(tx: Tx, integration_id: UUID, outcome: Outcome) -> IntegrationCheckRow:
    """Remember what came of a check."""
    row = IntegrationCheckRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        integration_id=integration_id,
        at=tx.now,
        ok=outcome.ok,
        latency_ms=outcome.latency_ms,
        detail=outcome.detail,
    )
    tx.session.add(row)
    return row


async def history(
    tx: Tx, integration_id: UUID, *, limit: int, before: UUID | None = None
) -> Sequence[IntegrationCheckRow]:
    """Return an integration's checks, newest first."""
    query = tx.select(IntegrationCheckRow).where(IntegrationCheckRow.integration_id == integration_id)
    if before is not None:
        query = query.where(IntegrationCheckRow.id < before)
    return (await tx.session.scalars(query.order_by(IntegrationCheckRow.id.desc()).limit(limit))).all()


async def forget_old(runtime: Runtime) -> None:
    """Let go of checks that nobody looks back to."""
    await forget_older(runtime, IntegrationCheckRow, IntegrationCheckRow.at, KEPT_FOR)


def authorization_of(vault: Vault, row: IntegrationRow) -> Mapping[str, str]:
    """Return the headers that a call to an integration's base URL needs. Raises `Unsealable`."""
    return {"Authorization": vault.open(row.credentials, credentials_place(row))} if row.credentials else {}


async def _complaint(runtime: Runtime, row: IntegrationRow, base_url: str) -> str:
    """Return what is wrong with what the health endpoint answers, empty when nothing is."""
    headers = authorization_of(runtime.vault, row)
    status = HTTPStatus.NOT_FOUND.value
    for path in HEALTH_PATHS[IntegrationKind(row.kind)]:
        status = (await runtime.outbound.get(base_url + path, headers=headers)).status
        if status != HTTPStatus.NOT_FOUND:
            break
    return "" if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES else f"answered with status {status}"


async def _due(runtime: Runtime) -> list[tuple[UUID, list[UUID]]]:
    """Return the integrations to check, by tenant."""
    last = (
        select(func.max(IntegrationCheckRow.at))
        .where(
            IntegrationCheckRow.tenant_id == IntegrationRow.tenant_id,
            IntegrationCheckRow.integration_id == IntegrationRow.id,
        )
        .scalar_subquery()
    )
    query = (
        select(IntegrationRow.tenant_id, IntegrationRow.id)
        .where(IntegrationRow.base_url.is_not(None), IntegrationRow.revoked_at.is_(None))
        .order_by(last.nulls_first())
        .limit(_MAX_IN_A_RUN)
    )
    async with runtime.system_transaction() as system:
        found = sorted((tenant_id, row_id) for tenant_id, row_id in await system.session.execute(query))
    return [(tenant_id, [row_id for _, row_id in ours]) for tenant_id, ours in groupby(found, key=lambda pair: pair[0])]


async def _load(runtime: Runtime, tenant_id: UUID, ids: list[UUID]) -> Sequence[IntegrationRow]:
    async with runtime.transaction(system_actor(TenantId(tenant_id))) as tx:
        found = await tx.session.scalars(
            tx.select(IntegrationRow).where(IntegrationRow.id.in_(ids), IntegrationRow.revoked_at.is_(None))
        )
        return found.all()
