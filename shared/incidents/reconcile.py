"""Compare what we take for firing with what AlertManager itself lists, so that forgotten and silenced alerts close.

AlertManager does not tell of either: no notification comes for an alert that it was made to forget, or not to mention.
Nothing is called inside a transaction, and nothing closes on an answer that is not whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError
from sqlalchemy import func, select

from shared.alerts.presence import Listed, Presence, presence_of
from shared.alerts.tables import AlertRow
from shared.alerts.values import AlertStatus, Delivery
from shared.incidents.batches import Batch
from shared.incidents.ingest import store
from shared.incidents.lapsing import lapse
from shared.integrations.checks import authorization_of
from shared.integrations.tables import IntegrationRow
from shared.integrations.values import IntegrationKind
from shared.kernel.values import TenantId, system_actor
from shared.platform.outbound import AddressRefused, NoAnswer
from shared.platform.runtime import Runtime, Tx
from shared.platform.turns import in_turn
from shared.platform.vault import Unsealable

_MAX_AT_ONCE: Final = 20
_MAX_IN_A_RUN: Final = 400  # of five seconds each, 20 at a time: well within a function's five minutes
_MAX_ALERTS: Final = 10_000
_MAX_BYTES: Final = 16 * 1_024 * 1_024
_REASONS: Final = {
    Presence.SILENCED: "It is silenced in AlertManager.",
    Presence.GONE: "AlertManager does not know it any more.",
}


class _Status(BaseModel):
    silenced_by: Annotated[list[str], Field(validation_alias="silencedBy")]


class _Alert(BaseModel):
    """One alert of AlertManager's API version 2; what else it says does not matter here."""

    fingerprint: str
    starts_at: Annotated[AwareDatetime, Field(validation_alias="startsAt")]
    status: _Status


_ALERTS: Final = TypeAdapter(list[_Alert])


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of one comparison: alerts taken for resolved, and alerts that fire again."""

    lapsed: int = 0
    returned: int = 0


async def reconcile_all(runtime: Runtime) -> Looked:
    """Compare every AlertManager that has a base URL."""
    async with runtime.system_transaction() as system:
        query = (
            select(IntegrationRow.tenant_id, IntegrationRow.id)
            .where(IntegrationRow.base_url.is_not(None), IntegrationRow.revoked_at.is_(None))
            .order_by(func.random())  # where there are more than one run takes, all have their turn
            .limit(_MAX_IN_A_RUN)
        )
        found = (await system.session.execute(query)).all()
    looks = await in_turn(
        found,
        lambda one: reconcile(runtime, TenantId(one.tenant_id), one.id),
        what=lambda one: f"comparing integration {one.id}",
        at_once=_MAX_AT_ONCE,
    )
    done = [look for look in looks if look is not None]
    return Looked(lapsed=sum(one.lapsed for one in done), returned=sum(one.returned for one in done))


async def reconcile(runtime: Runtime, tenant_id: TenantId, integration_id: UUID) -> Looked:
    """Compare one integration, if it is an AlertManager's and any of its alerts fires or was taken for over."""
    actor = system_actor(tenant_id)
    async with runtime.transaction(actor) as tx:
        row = await tx.session.scalar(tx.select(IntegrationRow).where(IntegrationRow.id == integration_id))
        if row is None or row.kind != IntegrationKind.ALERTMANAGER or not await _has_work(tx, integration_id):
            return Looked()
    listed = await _listed(runtime, row)
    if listed is None:
        return Looked()
    async with runtime.transaction(actor) as tx:
        lapsed = await _close(tx, integration_id, listed)
        back = await _returned(tx, integration_id, listed)
    if back:
        await store(runtime, _batch(row, back, runtime.ids.new(), runtime.clock.now()))
    return Looked(lapsed=lapsed, returned=len(back))


async def _has_work(tx: Tx, integration_id: UUID) -> bool:
    """Whether there is an alert that AlertManager could tell us about."""
    found = await tx.session.scalar(
        select(AlertRow.id)
        .where(
            AlertRow.tenant_id == tx.tenant_id,
            AlertRow.integration_id == integration_id,
            AlertRow.fired,
            ~AlertRow.resolved | AlertRow.lapsed_at.is_not(None),
        )
        .limit(1)
    )
    return found is not None


async def _listed(runtime: Runtime, row: IntegrationRow) -> Mapping[str, Listed] | None:
    """Return AlertManager's own list by fingerprint; None when it does not give a whole one."""
    try:
        headers = authorization_of(runtime.vault, row)
        reply = await runtime.outbound.get(f"{row.base_url}/api/v2/alerts", headers=headers, most=_MAX_BYTES)
        alerts = _ALERTS.validate_json(reply.content) if reply.status == HTTPStatus.OK else None
    except (AddressRefused, NoAnswer, Unsealable, ValidationError):
        alerts = None  # the health check tells people what is wrong with it
    if alerts is None:
        return None
    return {one.fingerprint: Listed(starts_at=one.starts_at, silenced=bool(one.status.silenced_by)) for one in alerts}


async def _close(tx: Tx, integration_id: UUID, listed: Mapping[str, Listed]) -> int:
    """Take for resolved what is silenced or gone; remember since when something is missing."""
    rows = await tx.session.scalars(
        tx.select(AlertRow)
        .where(AlertRow.integration_id == integration_id, AlertRow.fired, ~AlertRow.resolved)
        .order_by(AlertRow.missing_since, AlertRow.fingerprint, AlertRow.starts_at)
        .limit(_MAX_ALERTS)
        .with_for_update(skip_locked=True)
    )
    lapsed = 0
    for row in rows:
        presence = presence_of(row.fingerprint, row.starts_at, row.missing_since, listed, tx.now)
        if presence in _REASONS:
            lapse(tx, [row], _REASONS[presence])
            lapsed += 1
        else:
            row.missing_since = (row.missing_since or tx.now) if presence is Presence.MISSING else None
    return lapsed


async def _returned(tx: Tx, integration_id: UUID, listed: Mapping[str, Listed]) -> Sequence[AlertRow]:
    """Return the alerts that were taken for resolved and that AlertManager lists as firing: a silence has ended."""
    active = [fingerprint for fingerprint, one in listed.items() if not one.silenced]
    rows = await tx.session.scalars(
        tx.select(AlertRow).where(
            AlertRow.integration_id == integration_id,
            AlertRow.lapsed_at.is_not(None),
            AlertRow.fingerprint.in_(active),
        )
    )
    return [row for row in rows if presence_of(row.fingerprint, row.starts_at, None, listed, tx.now) is Presence.FIRES]


def _batch(integration: IntegrationRow, rows: Sequence[AlertRow], batch_id: UUID, now: datetime) -> Batch:
    """Return alerts as if AlertManager had sent them again."""
    return Batch(
        batch_id=batch_id,
        tenant_id=integration.tenant_id,
        project_id=integration.project_id,
        integration_id=integration.id,
        token_version=integration.token_version,
        received_at=now,
        at=now,
        deliveries=tuple(
            Delivery(
                fingerprint=row.fingerprint,
                starts_at=row.starts_at,
                status=AlertStatus.FIRING,
                ends_at=None,
                labels=row.labels,
                annotations=row.annotations,
                generator_url=row.generator_url,
                group=row.grouping["sent"],
                cut=row.cut,
            )
            for row in rows
        ),
    )
