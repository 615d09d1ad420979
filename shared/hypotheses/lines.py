"""What a text of many lines says, without what it repeats: telling lines first, each kind of line once.

Lines are kinds when they differ only in their numbers, ids and addresses, as log miners have it. Levels, event types
and states come from the line itself; JSON lines are read for their message.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from shared.hypotheses.knowledge.signatures import read
from shared.hypotheses.knowledge.states import is_about_configuration, is_quiet

MAX_KINDS: Final = 5
MAX_WEIGHED: Final = 200
"""So many kinds are compared with all known wordings, those that came first and last: a hostile text has thousands."""

MAX_LINES: Final = 5_000
MAX_LINE_CHARACTERS: Final = 320

_VARIABLE: Final = re.compile(r"\S*\d\S*")
_JSON_LEVELS: Final = ((50, "error"), (40, "warn"))
_MESSAGE_KEYS: Final = ("msg", "message", "log", "error", "err", "exception", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of line: as it was first seen, how often, and how strongly it points at any cause (0-1)."""

    text: str
    count: int
    strength: float


def telling_lines(text: str) -> tuple[Line, ...]:
    """At most `MAX_KINDS` kinds of lines that point at a cause or at health, the strongest first."""
    kinds: dict[str, tuple[str, int]] = {}
    for line in _sentences(text.splitlines()[:MAX_LINES]):
        kind = _VARIABLE.sub("#", line)
        first, count = kinds.get(kind, (line, 0))
        kinds[kind] = (first, count + 1)
    weighed = (
        Line(text=first, count=count, strength=max((max(one.points.values()) for one in read(first)), default=0.0))
        for first, count in _outer([*kinds.values()])
    )
    telling = [line for line in weighed if line.strength]
    return tuple(sorted(telling, key=lambda line: -line.strength)[:MAX_KINDS])


def _outer[Kind](kinds: list[Kind]) -> list[Kind]:
    """The first and the last of many kinds: how it began and how it ended."""
    half = MAX_WEIGHED // 2
    return kinds if len(kinds) <= MAX_WEIGHED else [*kinds[:half], *kinds[-half:]]


def _sentences(lines: Iterable[str]) -> Iterable[str]:
    for raw in lines:
        line = " ".join(raw.split())
        if line.startswith("{"):
            line = _json_message(line)
        if line and not is_about_configuration(line) and not is_quiet(line):
            yield line[:MAX_LINE_CHARACTERS]


def _json_message(line: str) -> str:
    """The level and message of a structured log line; the line itself when it is not one."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):  # the second of lines that nobody logged in earnest
        return line
    if not isinstance(entry, dict):
        return line
    said = " ".join(_flat(entry[key]) for key in _MESSAGE_KEYS if entry.get(key))
    return f"{_level(entry)} {said}".strip() if said else line


def _level(entry: dict[str, Any]) -> str:
    level = entry.get("level", entry.get("severity", entry.get("lvl", "")))
    if isinstance(level, int):
        return next((name for bound, name in _JSON_LEVELS if level >= bound), "info")
    return str(level)


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(str(one) for key, one in value.items() if key in {"message", "msg", "type", "code", "name"})
    return str(value)
