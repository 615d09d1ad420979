"""A real SMTP server that keeps what it takes and refuses what it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from shared.platform.mail import Mailer
from shared.platform.runtime import Runtime


@dataclass
class Letter:
    """What the server took: the envelope's two ends, the message, and who had signed in."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    user: str
    is_encrypted: bool


@dataclass
class Letterbox:
    """What arrived at one server. Set an answer to have it said instead of taking the mail."""

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    answer_to_recipient: str = ""
    answer_to_content: str = ""
    password: str = "right"

    def to(self, *addresses: str) -> list[Letter]:
        """Return what came for these addresses."""
        return [letter for letter in self.letters if set(letter.recipients) & set(addresses)]

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answer_to_recipient:
            return self.answer_to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.answer_to_content:
            return self.answer_to_content
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, EmailMessage, policy=SMTP_POLICY)
        is_encrypted = session.ssl is not None
        user = session.auth_data.decode() if isinstance(session.auth_data, bytes) else ""
        self.letters.append(Letter(str(envelope.mail_from), list(envelope.rcpt_tos), message, user, is_encrypted))
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(success=given.password.decode() == self.password, handled=False, auth_data=given.login)


@asynccontextmanager
async def letterbox(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Letterbox]:
    """Serve SMTP on a free port: in the clear, with STARTTLS, or encrypted from the first byte."""
    box = Letterbox()
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            box,
            hostname="localhost",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=box.authenticate,
            auth_require_tls=tls is None,
            loop=loop,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    server.close_clients()
    await server.wait_closed()


def mailing(runtime: Runtime, box: Letterbox) -> Runtime:
    """Return the same runtime with mail going to a box."""
    server = SecretStr(f"smtp+plain://127.0.0.1:{box.port}")
    settings = runtime.settings.model_copy(update={"smtp_url": server, "mail_from": "sre@example.com"})
    return replace(runtime, mail=Mailer(settings, runtime.clock, runtime.ids))
