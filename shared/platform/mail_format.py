"""How an e-mail is written (RFC 5322). Apart, because Python's own parser of headers is large and most send no mail."""

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Final

from shared.kernel.text import one_line
from shared.platform.mail import Mail, MailRefused

MAX_SUBJECT: Final = 200  # characters
# Of 998 that are allowed. At the usual 78, links would be cut over several lines of a mail's source.
_POLICY: Final = SMTP.clone(max_line_length=400)


def compose(mail: Mail, *, sender: str, at: str, message_id: str) -> EmailMessage:
    """Return the message with its headers. No field can add a header or a recipient. Raises `MailRefused`."""
    message = EmailMessage(policy=_POLICY)
    name, address = parseaddr(sender)
    try:
        message["From"] = Address(display_name=name, addr_spec=address)
        message["To"] = Address(addr_spec=in_ascii(mail.to))
        message["Subject"] = one_line(mail.subject)[:MAX_SUBJECT]
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


def in_ascii(address: str) -> str:
    """Return an address with its domain as name servers know it. Raises `ValueError` when it has none."""
    name, at, domain = address.rpartition("@")
    return f"{name}{at}{domain.encode('idna').decode()}"


def _sound(text: str) -> str:
    """Text that has a form in UTF-8: a lone surrogate becomes a question mark."""
    return text.encode(errors="replace").decode()
