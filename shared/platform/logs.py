"""What the logs look like: JSON lines that say whose request they are about, and hold no secrets."""

import copy
import json
import logging
import re
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from shared.kernel.masking import mask_secrets
from shared.platform.settings import KeyRing, Settings
from shared.platform.telemetry import current, trace_id_of

_MASK: Final = "[masked]"
_MIN_SECRET: Final = 8
# Errors of libraries that quote what they were given: pydantic its input, PostgreSQL a whole row or the key of one.
_QUOTED: Final = re.compile(
    r"(?<=input_value=).*(?=, input_type=)"
    r"|(?<=Failing row contains ).*"
    r"|(?<=\)=)\(.*\)(?= (?:already exists|is (?:still|not)|conflicts))",
)
_FORMAT: Final = logging.Formatter()


class Redaction(logging.Filter):
    """Takes secrets out of a record, and says in it what it is about.

    Known secrets are those of the settings; others are known by their form. That is a net, and no leave to log them.
    """

    def __init__(self, known: Iterator[str]) -> None:
        super().__init__()
        # The longest first, for one may hold another.
        words = sorted({word for word in known if len(word) >= _MIN_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, words))) if words else None

    def filter(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a copy that can be shown to anybody who may read logs."""
        shown = copy.copy(record)
        shown.msg, shown.args = self._masked(record.getMessage()), ()
        if record.exc_info:
            # Formatters take this text and make none of their own.
            shown.exc_text = self._masked(record.exc_text or _FORMAT.formatException(record.exc_info))
        work = current()
        shown.trace_id, shown.tenant_id, shown.request_id = (
            trace_id_of(work.span.traceparent),
            work.tenant_id,
            work.request_id,
        )
        return shown

    def _masked(self, text: str) -> str:
        known = self._known.sub(_MASK, text) if self._known else text
        return mask_secrets(_QUOTED.sub(_MASK, known))


class JsonLines(logging.Formatter):
    """One JSON object a line, so that no message can forge another line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        about = {name: getattr(record, name, "") for name in ("trace_id", "tenant_id", "request_id")}
        line |= {name: value for name, value in about.items() if value}
        if record.exc_info:
            line["exception"] = record.exc_text or self.formatException(record.exc_info)
        return json.dumps(line)  # in ASCII, for Unicode has line breaks of its own


def configure_logging(settings: Settings) -> None:
    """Log as JSON lines to standard error. Where the surroundings listen already, they get the same lines.

    A listener that has a form of its own keeps it; none gets to see a secret.
    """
    logging.getLogger("azure").setLevel(logging.WARNING)  # the SDKs log each request
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
        root.setLevel(settings.log_level)
    for handler in root.handlers:
        handler.addFilter(Redaction(known_secrets(settings)))
        if handler.formatter is None:
            handler.setFormatter(JsonLines())


def known_secrets(settings: Settings) -> Iterator[str]:
    """Return the settings' secrets, and the passwords in their URLs."""
    for name in type(settings).model_fields:
        match getattr(settings, name):
            case SecretStr() as secret:
                yield secret.get_secret_value()
                yield unquote(urlsplit(secret.get_secret_value()).password or "")
            case KeyRing() as ring:
                for key in ring.keys.values():
                    found = key.get_secret_value()
                    yield found.decode("utf-8", "replace")
                    yield b64encode(found).decode()
                    yield urlsafe_b64encode(found).decode()
