"""Trace context (W3C Trace Context) and what the logs look like."""

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime
from typing import Final

_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_NOTHING: Final = {"0" * 32, "0" * 16}
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")


def continue_trace(traceparent: str | None) -> str:
    """Return a `traceparent` of our own: the caller's trace goes on in it, or a new one begins."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    known = found is not None and not _NOTHING & set(found.groups())
    trace_id = found.group(1) if found and known else secrets.token_hex(16)
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"


def trace_id_of(traceparent: str) -> str:
    """Return the 32 hex digits that name a trace."""
    return traceparent.split("-")[1] if traceparent.count("-") == 3 else ""  # noqa: PLR2004 - the format has four parts


def request_id_of(given: str | None, trace: str) -> str:
    """Return the caller's request id where it is a sane one, else one of ours."""
    return given if given and _REQUEST_ID.fullmatch(given) else trace_id_of(trace)


class JsonLines(logging.Formatter):
    """One JSON object a line, so that no message can forge another line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "trace_id": getattr(record, "trace_id", ""),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)  # in ASCII, for Unicode has line breaks of its own


def configure_logging(level: str) -> None:
    """Log as JSON lines to standard error, unless the surroundings have taken the root logger already."""
    logging.getLogger("azure").setLevel(logging.WARNING)  # the SDKs log each request
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
        root.setLevel(level)
