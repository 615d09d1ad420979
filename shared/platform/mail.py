"""E-mail over SMTP: one recipient a mail, one connection a send. Whoever calls it repeats what was not taken."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Final

from shared.kernel.errors import Conflict, DomainError, Invalid, Unavailable
from shared.kernel.values import Clock, Ids
from shared.platform.settings import Settings, SmtpServer

if TYPE_CHECKING:
    from email.message import EmailMessage

log = logging.getLogger(__name__)

DEADLINE: Final = 10.0  # seconds, for connecting, signing in and handing over together
_PERMANENT: Final = range(500, 600)


class MailOff(Conflict):
    title = "E-mail is not configured: SMTP_URL and MAIL_FROM are not set."


class MailAway(Unavailable):
    """The detail is ours; what the server said goes to the log alone."""

    title = "The mail server is unavailable. Try again later."


class MailRefused(Invalid):
    """Trying again would not help: the address or the content is wrong."""

    title = "The e-mail was permanently rejected."


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. `to` is one bare address. `headers` are added, and replace ours of the same name.

    Give a `Message-ID` of your own where the same mail may be sent twice, so that mailboxes show it once.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailer:
    """Hands mails to the configured server. `trust` says whose certificates are believed; by default the system's."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        ids: Ids,
        *,
        trust: ssl.SSLContext | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._server = settings.smtp_server
        self._sender = settings.mail_from
        self._clock, self._ids = clock, ids
        self._trust = trust
        self._deadline = deadline

    @property
    def is_on(self) -> bool:
        """Whether this deployment has a mail server."""
        return self._server is not None

    async def send(self, mail: Mail) -> None:
        """Hand one mail to the server. Raises `MailOff`, `MailAway` (try again) and `MailRefused` (never will)."""
        if self._server is None:
            raise MailOff
        from shared.platform.mail_format import compose  # noqa: PLC0415 - most processes send nothing

        address = parseaddr(self._sender)[1]
        message = compose(
            mail,
            sender=self._sender,
            at=format_datetime(self._clock.now()),
            message_id=f"<{self._ids.new()}@{address.rpartition('@')[2]}>",
        )
        try:
            async with asyncio.timeout(self._deadline):
                await self._hand_over(self._server, message, address, mail.to)
        except TimeoutError:
            raise MailAway(f"did not answer within {self._deadline:g} seconds") from None

    async def _hand_over(self, server: SmtpServer, message: "EmailMessage", sender: str, recipient: str) -> None:
        import aiosmtplib  # noqa: PLC0415 - most processes send nothing

        from shared.platform.mail_format import in_ascii  # noqa: PLC0415 - as above

        try:
            await aiosmtplib.send(
                message,
                sender=sender,
                recipients=[in_ascii(recipient)],
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password.get_secret_value() or None,
                use_tls=server.is_tls,
                start_tls=server.is_starttls,
                tls_context=self._trust,
                timeout=None,
            )
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            raise _said_no(refusal.recipients[0].code, refusal) from refusal
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as refusal:
            raise _said_no(refusal.code, refusal) from refusal
        except (aiosmtplib.SMTPException, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            # A wrong password or certificate too: whoever runs the deployment mends it, and the mail can go then.
            log.warning("the mail server was not usable: %s", type(error).__name__)
            raise MailAway("could not be reached or signed in to") from error


def _said_no(code: int, refusal: Exception) -> DomainError:
    log.warning("the mail server refused a mail with %d: %s", code, type(refusal).__name__)
    return MailRefused(f"answered {code}") if code in _PERMANENT else MailAway(f"answered {code}")
