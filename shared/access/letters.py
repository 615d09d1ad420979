"""What people are sent by e-mail: a link to reset their password, a link to accept an invitation.

A link's token is made when its mail is written, and only its digest is stored. Its place in the address is the
fragment, which browsers keep to themselves.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from shared.access import invitations, password_reset
from shared.access.events import InvitationCreated, PasswordResetRequested
from shared.access.tables import TenantRow
from shared.kernel.events import Recorded
from shared.kernel.text import one_line
from shared.kernel.values import system_actor
from shared.platform.mail import Mail
from shared.platform.runtime import Runtime, Tx

log = logging.getLogger(__name__)

RESET_PAGE: Final = "reset-password"
INVITATION_PAGE: Final = "accept-invitation"


async def send_letter(runtime: Runtime, event: Recorded) -> None:
    """Write and send the mail that an event calls for, if it still does. Raises `MailAway`, `MailRefused`."""
    if not runtime.mail.is_on:
        log.warning("%s needs an e-mail, and this deployment sends none: set SMTP_URL and MAIL_FROM", event.type)
        return
    async with runtime.transaction(system_actor(event.tenant_id)) as tx:
        mail = await LETTERS[event.type](tx, event, runtime.settings.app_base_url.rstrip("/"))
    if mail is not None:
        await runtime.mail.send(mail)


async def _reset(tx: Tx, event: Recorded, pages: str) -> Mail | None:
    if tx.now >= event.at + password_reset.LIFETIME:
        return None  # whoever asked has asked again by now
    minted = await password_reset.mint(tx, event.subject_id)
    if minted is None:
        return None
    user, token = minted
    text = (
        f"We received a request to reset the password for {user.email}.\n\n"
        f"Reset your password within {_minutes()} minutes:\n{pages}/{RESET_PAGE}#token={token}\n\n"
        "If you did not request this, ignore this e-mail. Your password will not change.\n"
    )
    return Mail(to=user.email, subject="Reset your SRE Copilot password", text=text)


async def _invitation(tx: Tx, event: Recorded, pages: str) -> Mail | None:
    minted = await invitations.mint_mailed(tx, event.subject_id)
    if minted is None:
        return None
    row, token = minted
    tenant = await tx.session.get_one(TenantRow, tx.tenant_id)
    text = (
        f"{one_line(event.actor.name)} has invited you to join “{one_line(tenant.name)}” on SRE Copilot "
        f"with the role {row.role}.\n\n"
        f"Accept by {row.expires_at:%Y-%m-%d}:\n{pages}/{INVITATION_PAGE}#token={token}\n\n"
        "If you were not expecting this invitation, you can ignore this e-mail.\n"
    )
    return Mail(to=row.email, subject="You are invited to SRE Copilot", text=text)


def _minutes() -> int:
    return int(password_reset.LIFETIME.total_seconds()) // 60


LETTERS: Final[Mapping[str, Callable[[Tx, Recorded, str], Awaitable[Mail | None]]]] = {
    PasswordResetRequested.type: _reset,
    InvitationCreated.type: _invitation,
}
