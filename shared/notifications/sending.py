"""Send what is due, remember how it went, and try again what failed. Nothing is sent inside a transaction.

A try is claimed before it is made, so one delivery is never tried twice at once. A process that dies between sending
and remembering leaves a claim that runs out, and the next try sends again: with the same message id, by which
receivers tell.
"""

import json
import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from shared.kernel.values import TenantId, system_actor
from shared.notifications import formats, signing
from shared.notifications.commands import config_of, disable
from shared.notifications.retries import GIVE_UP_AFTER, Outcome, judge, outcome_of, wait_of
from shared.notifications.tables import ChannelRow, DeliveryRow
from shared.notifications.values import TEST, ChannelKind, DeliveryStatus, Notice
from shared.platform.faults import fault
from shared.platform.mail import Mail, MailAway, MailOff, MailRefused
from shared.platform.metrics import NOTIFICATION_TRIES
from shared.platform.outbound import AddressRefused, NoAnswer
from shared.platform.runtime import Runtime, Tx
from shared.platform.turns import in_turn
from shared.platform.vault import Unsealable

log = logging.getLogger(__name__)

# A try that was claimed so long ago was lost with its process: longer than any try takes.
_CLAIM: Final = timedelta(seconds=60)
_MAX_AT_ONCE: Final = 20
# If all of them hang for the five seconds of an outbound call, 20 at a time, this takes 100 s of a function's 300.
_MAX_IN_A_RUN: Final = 400
_CHANCES: Final = 1_000_000


async def send(runtime: Runtime, tenant_id: TenantId, deliveries: Iterable[UUID]) -> None:
    """Try deliveries of one tenant now, as far as they are due and nobody else tries them."""
    await _send_all(runtime, [(tenant_id, delivery_id) for delivery_id in deliveries])


async def send_due(runtime: Runtime) -> int:
    """Try what failed before and is due again, of all tenants; returns how many that were."""
    async with runtime.system_transaction() as system:
        found = await system.session.execute(
            select(DeliveryRow.tenant_id, DeliveryRow.id)
            .where(DeliveryRow.due_at <= system.now)
            .order_by(DeliveryRow.due_at)
            .limit(_MAX_IN_A_RUN)
        )
        due = [(TenantId(tenant_id), delivery_id) for tenant_id, delivery_id in found]
    await _send_all(runtime, due)
    return len(due)


async def _send_all(runtime: Runtime, deliveries: Iterable[tuple[TenantId, UUID]]) -> None:
    # The claim of a try that failed runs out.
    await in_turn(
        deliveries,
        lambda one: _try(runtime, *one),
        what=lambda one: f"delivery {one[1]}",
        at_once=_MAX_AT_ONCE,
    )


async def _try(runtime: Runtime, tenant_id: TenantId, delivery_id: UUID) -> None:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        claimed = await _claim(tx, delivery_id)
    if claimed is None:
        return
    delivery, channel = claimed
    fault("notifications.after_claim")
    outcome = await _tell(runtime, delivery, channel)
    fault("notifications.after_send")
    runtime.metrics.add(NOTIFICATION_TRIES, channel.kind, "failed" if outcome.error else "sent")
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        await _remember(tx, delivery, channel, outcome)


async def _claim(tx: Tx, delivery_id: UUID) -> tuple[DeliveryRow, ChannelRow] | None:
    """Claim the next try of a delivery; None when it is not due, or somebody else has it."""
    delivery = await tx.session.scalar(
        tx.select(DeliveryRow)
        .where(DeliveryRow.id == delivery_id, DeliveryRow.due_at <= tx.now)
        .with_for_update(skip_locked=True)
    )
    if delivery is None:
        return None
    channel = (await tx.session.scalars(tx.select(ChannelRow).where(ChannelRow.id == delivery.channel_id))).one()
    if not channel.enabled and delivery.event_type != TEST:
        _close(tx, delivery, "the channel was switched off")
        return None
    if tx.now > delivery.created_at + GIVE_UP_AFTER:
        _close(tx, delivery, delivery.error or "no try of it ever ended")
        return None
    delivery.attempts += 1
    delivery.attempted_at, delivery.due_at = tx.now, tx.now + _CLAIM
    return delivery, channel


def _close(tx: Tx, delivery: DeliveryRow, error: str) -> None:
    delivery.status, delivery.error = DeliveryStatus.GAVE_UP.value, error
    delivery.due_at, delivery.finished_at = None, tx.now


async def _tell(runtime: Runtime, delivery: DeliveryRow, channel: ChannelRow) -> Outcome:
    """Make one try. Every failure that we know becomes an outcome."""
    notice = Notice(**delivery.notice)
    try:
        config = config_of(runtime.vault, channel)
        if channel.kind == ChannelKind.EMAIL:
            return await _mail(runtime, notice, config["to"], delivery.id)
        return await _post(runtime, ChannelKind(channel.kind), notice, config, delivery.id)
    except Unsealable:
        log.error("the config of notification channel %s cannot be opened", channel.id)  # noqa: TRY400 - its text says no more
        return Outcome(error="the stored config cannot be read; give it again", heals=False)
    except (MailOff, MailRefused) as error:
        return Outcome(error=error.detail or error.title, heals=False)
    except (NoAnswer, MailAway) as error:
        return Outcome(error=error.detail)
    except AddressRefused as error:
        # A name that has no address just now is refused with the same words as one that never may be called.
        return Outcome(error=error.title)


async def _mail(runtime: Runtime, notice: Notice, to: str, delivery_id: UUID) -> Outcome:
    subject, text = formats.email(notice, _link(runtime, notice))
    # Mailboxes show a mail once that comes twice with the same id.
    headers = {"Message-ID": f"<{delivery_id}@sre-copilot.invalid>"}
    await runtime.mail.send(Mail(to=to, subject=subject, text=text, headers=headers))
    return Outcome(error="")


async def _post(
    runtime: Runtime, kind: ChannelKind, notice: Notice, config: dict[str, str], delivery_id: UUID
) -> Outcome:
    now, link = runtime.clock.now(), _link(runtime, notice)
    written = {ChannelKind.SLACK: formats.slack, ChannelKind.TEAMS: formats.teams, ChannelKind.WEBHOOK: formats.webhook}
    body = json.dumps(written[kind](notice, link), ensure_ascii=False).encode(errors="replace")
    headers = {"Content-Type": "application/json"}
    if kind is ChannelKind.WEBHOOK:
        headers |= signing.headers(config["secret"], str(delivery_id), int(now.timestamp()), body)
    reply = await runtime.outbound.post(config["url"], headers=headers, content=body)
    return outcome_of(reply.status, wait_of(reply.headers.get("Retry-After", ""), now))


async def _remember(tx: Tx, claimed: DeliveryRow, told: ChannelRow, outcome: Outcome) -> None:
    """Store what came of a try, unless its claim ran out and somebody else has tried since."""
    if outcome.is_gone:
        # Whoever has changed the channel meanwhile may have given it another receiver.
        channel = await tx.session.scalar(
            tx.select(ChannelRow).where(ChannelRow.id == told.id, ChannelRow.version == told.version).with_for_update()
        )
        if channel is not None:
            disable(tx, channel, "Its receiver answered that it is gone (410).")
    delivery = await tx.session.scalar(
        tx.select(DeliveryRow)
        .where(DeliveryRow.id == claimed.id, DeliveryRow.attempts == claimed.attempts)
        .with_for_update()
    )
    if delivery is None:
        return
    chance = secrets.randbelow(_CHANCES) / _CHANCES
    verdict = judge(outcome, attempts=delivery.attempts, since=delivery.created_at, now=tx.now, chance=chance)
    delivery.response_code, delivery.error = outcome.response_code, outcome.error
    if verdict.due_at is not None and delivery.event_type != TEST:
        delivery.status, delivery.due_at = verdict.status.value, verdict.due_at
        return
    is_sent = verdict.status is DeliveryStatus.SENT
    delivery.status = (DeliveryStatus.SENT if is_sent else DeliveryStatus.GAVE_UP).value
    delivery.due_at, delivery.finished_at = None, tx.now


def _link(runtime: Runtime, notice: Notice) -> str:
    """Return where people see the incident, or nothing for what is about none."""
    base = runtime.settings.app_base_url.rstrip("/")
    return f"{base}/incidents/{notice.incident_id}" if notice.incident_id else ""
