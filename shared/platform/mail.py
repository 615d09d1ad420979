"""E-mail over SMTP: one recipient a mail, one connection a send. Whoever calls it repeats what was not taken."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final

from shared.kernel.errors import Conflict, DomainError, Invalid, Unavailable
from shared.kernel.values import Clock, Ids
from shared.platform.settings import Settings, SmtpServer

log = logging.getLogger(__name__)

DEADLINE: Final = 10.0  # seconds, for connecting, signing in and handing over together
MAX_SUBJECT: Final = 200  # characters
# Of 998 that are allowed. At the usual 78, links would be cut over several lines of a mail's source.
_POLICY: Final = SMTP.clone(max_line_length=400)
_PERMANENT: Final = range(500, 600)


class MailOff(Conflict):
    title = "This deployment sends no e-mail: SMTP_URL and MAIL_FROM are not set."


class MailAway(Unavailable):
    """The detail is ours; what the server said goes to the log alone."""

    title = "The mail server does not take e-mail now. Try again soon."


class MailRefused(Invalid):
    """Trying again would not help: the address or the content is wrong."""

    title = "The e-mail was refused for good."


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


def compose(mail: Mail, *, sender: str, at: str, message_id: str) -> EmailMessage:
    """Return the message with its headers. No field can add a header or a recipient. Raises `MailRefused`."""
    message = EmailMessage(policy=_POLICY)
    name, address = parseaddr(sender)
    try:
        message["From"] = Address(display_name=name, addr_spec=address)
        message["To"] = Address(addr_spec=_in_ascii(mail.to))
        message["Subject"] = _line(mail.subject)[:MAX_SUBJECT]
        message["Date"] = at
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"  # out-of-office programs leave such mail alone
        for header, value in mail.headers.items():
            del message[header]
            message[header] = value
    except (ValueError, IndexError, HeaderParseError) as error:
        raise MailRefused("an address or a header is not valid") from error
    message.set_content(_sound(mail.text))
    if mail.html is not None:
        message.add_alternative(_sound(mail.html), subtype="html")
    return message


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

    async def _hand_over(self, server: SmtpServer, message: EmailMessage, sender: str, recipient: str) -> None:
        import aiosmtplib  # noqa: PLC0415 - most processes send nothing

        try:
            await aiosmtplib.send(
                message,
                sender=sender,
                recipients=[_in_ascii(recipient)],
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


def _in_ascii(address: str) -> str:
    """Return an address with its domain as name servers know it. Raises `ValueError` when it has none."""
    name, at, domain = address.rpartition("@")
    return f"{name}{at}{domain.encode('idna').decode()}"


def _line(text: str) -> str:
    """One line of printable text."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _sound(text: str) -> str:
    """Text that has a form in UTF-8: a lone surrogate becomes a question mark."""
    return text.encode(errors="replace").decode()
