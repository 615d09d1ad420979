"""Where a trace spent its time: the span with most time of its own, when a trace is printed as an indented tree.

A line of such a tree reads "<operation> (<service>) - <milliseconds>ms", as tracing tools print it.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_SPANS: Final = 2_000
SLOW_MS: Final = 500.0
"""Below this own time, milliseconds, no one would look at a span."""

_SPAN: Final = re.compile(
    r"^(?P<indent>[\s│├└─|`+-]*)(?P<name>[^\s│├└─|`+-].*?) \((?P<service>[\w.:/-]+)\)\s+-\s+(?P<ms>[\d.]+) ?ms\b"
)
_QUERY: Final = re.compile(r"quer|select|insert|update|sql|postgres|mysql|mongo|\bdb\b|database|redis", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A step of a trace; `own_ms` is its duration without that of the steps that it waited for, milliseconds."""

    name: str
    service: str
    ms: float
    own_ms: float

    @property
    def is_query(self) -> bool:
        return bool(_QUERY.search(self.name))


def slowest_span(text: str) -> Span | None:
    """The span with most time of its own; None where the text is no trace, or where nothing in it is slow."""
    found = [(len(match["indent"]), match) for line in text.splitlines() if (match := _SPAN.match(line))][:MAX_SPANS]
    spans = [_span(found, place) for place in range(len(found))]
    slow = [span for span in spans if span.own_ms >= SLOW_MS]
    return max(slow, key=lambda span: span.own_ms, default=None)


def _span(found: list[tuple[int, re.Match[str]]], place: int) -> Span:
    depth, match = found[place]
    below: list[tuple[int, float]] = []
    for deeper, child in found[place + 1 :]:
        if deeper <= depth:
            break
        below.append((deeper, _number(child["ms"])))
    nearest = min((deeper for deeper, _ in below), default=0)
    ms = _number(match["ms"])
    waited = sum(taken for deeper, taken in below if deeper == nearest)
    return Span(name=match["name"].strip(), service=match["service"], ms=ms, own_ms=max(ms - waited, 0.0))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
