"""Create notification channels, look at them, change them, delete them."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from shared.kernel.errors import check_version
from shared.kernel.values import ProjectId
from shared.notifications import signing
from shared.notifications.errors import ChannelNotFound
from shared.notifications.events import ChannelCreated, ChannelDeleted, ChannelUpdated
from shared.notifications.schemas import ChannelIn, ChannelPatch, EmailIn, SlackIn, TeamsIn, WebhookIn
from shared.notifications.tables import ChannelRow, DeliveryRow
from shared.notifications.values import ChannelKind, DeliveryStatus
from shared.platform.aging import forget_older
from shared.platform.runtime import Runtime, Tx
from shared.platform.vault import Place, Unsealable, Vault

_KEY_BYTES: Final = 32
KEPT_FOR: Final = timedelta(days=90)  # a delivery

type Given = SlackIn | TeamsIn | WebhookIn | EmailIn


async def create_channel(
    tx: Tx, vault: Vault, project_id: ProjectId, given: ChannelIn
) -> tuple[ChannelRow, str | None]:
    """Make a channel; returns it with the signing secret that was made for it, if one was."""
    row = ChannelRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        project_id=project_id,
        name=given.name,
        events=sorted(given.events),
        min_severity=given.min_severity.value,
        enabled=given.enabled,
        version=1,
        created_at=tx.now,
    )
    made = _configure(vault, row, given.config, {})
    tx.session.add(row)
    tx.record(ChannelCreated(project_id=project_id, subject_id=row.id, data=_shown(row)))
    return row, made


async def list_channels(tx: Tx, project_id: ProjectId, *, before: UUID | None, limit: int) -> Sequence[ChannelRow]:
    """Return the project's channels, newest first."""
    query = tx.select(ChannelRow).where(ChannelRow.project_id == project_id, ChannelRow.deleted_at.is_(None))
    if before is not None:
        query = query.where(ChannelRow.id < before)
    return (await tx.session.scalars(query.order_by(ChannelRow.id.desc()).limit(limit))).all()


async def get_channel(tx: Tx, project_id: ProjectId, channel_id: UUID, *, lock: bool = False) -> ChannelRow:
    """Return a channel, with `lock` one that nobody else changes meanwhile. Raises `ChannelNotFound`."""
    query = tx.select(ChannelRow).where(
        ChannelRow.project_id == project_id, ChannelRow.id == channel_id, ChannelRow.deleted_at.is_(None)
    )
    row = await tx.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise ChannelNotFound
    return row


async def update_channel(
    tx: Tx, vault: Vault, project_id: ProjectId, channel_id: UUID, given: ChannelPatch, *, expected: int | None
) -> tuple[ChannelRow, str | None]:
    """Change what `given` names; returns also the signing secret that was made for it, if one was.

    Raises `ChannelNotFound`, `StaleVersion`.
    """
    row = await get_channel(tx, project_id, channel_id, lock=True)
    check_version(row.version, expected)
    before, made = _shown(row), None
    if given.config is not None:
        made = _configure(vault, row, given.config, _kept(vault, row))
    named = given.model_fields_set
    if "name" in named:
        row.name = given.name
    if "events" in named:
        row.events = sorted(given.events)
    if "min_severity" in named:
        row.min_severity = given.min_severity.value
    if "enabled" in named:
        row.enabled = given.enabled
    _record_change(tx, row, before, is_configured=given.config is not None)
    return row, made


async def delete_channel(tx: Tx, project_id: ProjectId, channel_id: UUID) -> None:
    """Take a channel away with its secrets; what waits for another try is not sent. Raises `ChannelNotFound`."""
    row = await get_channel(tx, project_id, channel_id, lock=True)
    tx.record(ChannelDeleted(project_id=project_id, subject_id=row.id, data=_shown(row)))
    row.enabled, row.config, row.deleted_at, row.version = False, None, tx.now, row.version + 1


async def deliveries(
    tx: Tx, channel_id: UUID, *, status: DeliveryStatus | None, before: UUID | None, limit: int
) -> Sequence[DeliveryRow]:
    """Return a channel's deliveries, newest first."""
    query = tx.select(DeliveryRow).where(DeliveryRow.channel_id == channel_id)
    if status is not None:
        query = query.where(DeliveryRow.status == status.value)
    if before is not None:
        query = query.where(DeliveryRow.id < before)
    return (await tx.session.scalars(query.order_by(DeliveryRow.id.desc()).limit(limit))).all()


async def forget_deliveries(runtime: Runtime) -> None:
    """Let go of old deliveries, but for those that are to be tried again."""
    await forget_older(runtime, DeliveryRow, DeliveryRow.created_at, KEPT_FOR, DeliveryRow.due_at.is_(None))


async def get_delivery(tx: Tx, channel_id: UUID, delivery_id: UUID) -> DeliveryRow:
    """Return one delivery. Raises `ChannelNotFound` where its channel was deleted meanwhile."""
    row = await tx.session.scalar(
        tx.select(DeliveryRow).where(DeliveryRow.channel_id == channel_id, DeliveryRow.id == delivery_id)
    )
    if row is None:
        raise ChannelNotFound
    return row


def disable(tx: Tx, row: ChannelRow, reason: str) -> None:
    """Switch a locked channel off, as its receiver wishes."""
    before = _shown(row)
    row.enabled = False
    _record_change(tx, row, before, note=reason)


def _record_change(
    tx: Tx, row: ChannelRow, before: Mapping[str, Any], *, is_configured: bool = False, note: str = ""
) -> None:
    """Count and record a change of a channel, if there is one."""
    after = _shown(row)
    changes = {field: (before[field], after[field]) for field in before if before[field] != after[field]}
    if changes or is_configured:
        row.version += 1
        tx.record(
            ChannelUpdated(
                project_id=ProjectId(row.project_id),
                subject_id=row.id,
                data={"name": row.name, "config_changed": is_configured},
                changes=changes,
                note=note,
            )
        )


def config_of(vault: Vault, row: ChannelRow) -> dict[str, str]:
    """Return a channel's secrets: `url`, `secret` or `to`, as its kind has them. Raises `Unsealable`."""
    if row.config is None:
        raise Unsealable("a deleted channel has no config")
    found: dict[str, str] = json.loads(vault.open(row.config, _place(row)))
    return found


def _configure(vault: Vault, row: ChannelRow, given: Given, kept: Mapping[str, str]) -> str | None:
    """Give a channel its config; returns the signing secret that was made for it, if one was."""
    config, made = dict(given.secrets()), None
    if given.kind is ChannelKind.WEBHOOK and "secret" not in config:
        if "secret" not in kept:
            made = signing.secret_of(secrets.token_bytes(_KEY_BYTES))
        config["secret"] = made or kept["secret"]
    row.kind, row.destination = given.kind.value, given.destination
    row.config = vault.seal(json.dumps(config), _place(row))
    return made


def _kept(vault: Vault, row: ChannelRow) -> Mapping[str, str]:
    try:
        return config_of(vault, row)
    except Unsealable:
        return {}  # whoever gives a new config mends just that


def _place(row: ChannelRow) -> Place:
    return Place(tenant_id=row.tenant_id, table=row.__tablename__, column="config", row_id=row.id)


def _shown(row: ChannelRow) -> dict[str, Any]:
    fields = ("name", "kind", "destination", "events", "min_severity", "enabled")
    return {field: getattr(row, field) for field in fields}
