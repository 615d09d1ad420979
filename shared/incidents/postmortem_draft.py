"""The first text of a postmortem, written from what is known. It asks for the rest, and invents nothing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.kernel.text import one_line

MAX_ENTRIES: Final = 200
MAX_ALERTS: Final = 50
_MAX_TEXT: Final = 300
_INLINE: Final = re.compile(r"([\\`*_\[\]<>|~&])")
# What would begin a heading, a list or a rule, at the beginning of a line or of a list's item.
_LEADING: Final = re.compile(r"^(?:[#+=-]|\d+[.)])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened. `by` is a person or program, or empty for the machine; `move` is an arrow of states."""

    at: datetime
    what: str
    by: str
    move: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact:
    """An alert, and when it ended, if it did and its sender said so."""

    title: str
    severity: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an incident. `causes` are its hypotheses, best first, with confidence in percent.

    `confirmed` is what people hold for the root cause, empty while they have not decided.
    """

    reference: str
    title: str
    severity: str
    service: str
    started_at: datetime
    detected_at: datetime
    acknowledged_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime | None
    alert_count: int
    alerts: Sequence[AlertFact]
    causes: Sequence[tuple[str, int]]
    confirmed: str
    timeline: Sequence[Entry]


def draft(facts: Facts) -> str:
    """Return the draft as Markdown. What others have written stands in it literally."""
    sections = {
        "Summary": [_summary(facts), "", "_What happened, in a few sentences that a stranger understands._"],
        "Impact": ["_Who noticed what, how many of them, and for how long._"],
        "Times": list(_times(facts)),
        "Root cause": list(_cause(facts)),
        "Actions taken": list(_actions(facts)) or ["_What was done, and what it changed._"],
        "Timeline": [_entry(entry) for entry in facts.timeline[:MAX_ENTRIES]],
        "Alerts": list(_alerts(facts)),
        "Lessons": ["_What went well, what went badly, and where there was luck._"],
    }
    text = [f"# Postmortem of {facts.reference}: {literal(facts.title)}"]
    for heading, lines in sections.items():
        text += ["", f"## {heading}", "", *lines]
    return "\n".join(text) + "\n"


def literal(text: str) -> str:
    """Return a text of others as one line of Markdown that reads as it was written, whatever is in it."""
    line = one_line(text)
    cut = line if len(line) <= _MAX_TEXT else line[: _MAX_TEXT - 1] + "…"
    return _LEADING.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", _INLINE.sub(r"\\\1", cut))


def _summary(facts: Facts) -> str:
    where = f" of {literal(facts.service)}" if facts.service else ""
    alerts = "one alert" if facts.alert_count == 1 else f"{facts.alert_count} alerts"
    return f"{facts.reference} was an incident{where}, of severity {facts.severity}, with {alerts}."


def _times(facts: Facts) -> Iterable[str]:
    """Times count from detection; the incident itself began with its first alert."""
    yield "| What | When (UTC) | After detection |"
    yield "|---|---|---|"
    reached = {
        "Began": facts.started_at,
        "Detected": facts.detected_at,
        "Acknowledged (time to acknowledge)": facts.acknowledged_at,
        "Mitigated (time to mitigate)": facts.mitigated_at,
        "Resolved (time to resolve)": facts.resolved_at,
    }
    for name, at in reached.items():
        span = _span(at - facts.detected_at) if at and at > facts.detected_at else ""
        yield f"| {name} | {_time(at) if at else ''} | {span} |"


def _cause(facts: Facts) -> Iterable[str]:
    if facts.confirmed:
        yield f"Confirmed: {literal(facts.confirmed)}"
        return
    yield "_No cause is confirmed. Say what it was, and how you know._"
    if facts.causes:
        yield ""
        yield "The hypotheses were:"
        yield ""
        for place, (claim, percent) in enumerate(facts.causes, 1):
            yield f"{place}. {literal(claim)} ({percent} %)"


def _actions(facts: Facts) -> Iterable[str]:
    """What people did: their moves, and what they said about them."""
    return (_entry(entry) for entry in facts.timeline[:MAX_ENTRIES] if entry.by and (entry.move or entry.note))


def _entry(entry: Entry) -> str:
    parts = [f"- {_time(entry.at)}: {literal(entry.what)}"]
    if entry.move:
        parts.append(f", {entry.move}")
    if entry.by:
        parts.append(f", by {literal(entry.by)}")
    return "".join(parts) + (f": {literal(entry.note)}" if entry.note.strip() else "")


def _alerts(facts: Facts) -> Iterable[str]:
    for alert in facts.alerts[:MAX_ALERTS]:
        end = f" until {_time(alert.ends_at)}" if alert.ends_at else ""
        yield f"- {literal(alert.title)} ({alert.severity}), from {_time(alert.starts_at)}{end}"
    if facts.alert_count > MAX_ALERTS:
        yield f"- and {facts.alert_count - MAX_ALERTS} more"
    if not facts.alert_count:
        yield "None."


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _span(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
