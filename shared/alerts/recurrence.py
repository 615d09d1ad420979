"""When a recurring window holds: an RFC 5545 rule, unfolded within bounds.

Only rules are taken whose next occurrence is found soon. The library looks for one until the year 9999, so a rule that
never comes about (the 30th of February, every day) or that comes about every second would keep it busy for ever.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

HORIZON: Final = timedelta(days=5 * 366)
MAX_RULE: Final = 300

_DAY: Final = r"(?:MO|TU|WE|TH|FR|SA|SU)"
_MONTH_DAY: Final = r"-?(?:[1-9]|[12]\d|3[01])"
_DAYS: Final = rf"{_DAY}(?:,{_DAY}){{0,6}}"
_NUMBERED_DAYS: Final = rf"(?:-?[1-5])?{_DAY}(?:,(?:-?[1-5])?{_DAY}){{0,20}}"
_MONTH_DAYS: Final = rf"{_MONTH_DAY}(?:,{_MONTH_DAY}){{0,30}}"
_ALWAYS: Final = {
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"20\d{6}(?:T\d{6}Z?)?",
    "WKST": _DAY,
}
# What a rule of each frequency may say. Whatever it says of these, an occurrence comes soon, or the search ends soon.
_PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "DAILY": {**_ALWAYS, "INTERVAL": r"[1-9]\d{0,2}"},
    "WEEKLY": {**_ALWAYS, "INTERVAL": r"[1-9]\d?", "BYDAY": _DAYS},
    "MONTHLY": {
        **_ALWAYS,
        "INTERVAL": r"[1-9]|1[0-2]",
        "BYDAY": _NUMBERED_DAYS,
        "BYMONTHDAY": _MONTH_DAYS,
        "BYSETPOS": r"-?[1-5]",
    },
    "YEARLY": {
        **_ALWAYS,
        "BYMONTH": r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2])){0,11}",
        "BYDAY": _NUMBERED_DAYS,
        "BYMONTHDAY": _MONTH_DAYS,
    },
}
_EXCLUSIVE: Final = ({"BYDAY", "BYMONTHDAY"}, {"COUNT", "UNTIL"}, {"BYSETPOS", "BYMONTHDAY"})
_LONGEST_MONTH: Final[Mapping[str, int]] = {"2": 29, "4": 30, "6": 30, "9": 30, "11": 30}


class BadRule(ValueError):
    """Not a rule that is taken; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time from `start` up to, and without, `end`."""

    start: datetime
    end: datetime


def check_rule(rule: str) -> None:
    """Let a rule pass that can be unfolded. Raises `BadRule`."""
    parts = _parts(rule)
    known = _PARTS.get(parts.pop("FREQ", ""))
    if known is None:
        raise BadRule(f"FREQ must be one of {', '.join(_PARTS)}")
    for name, value in parts.items():
        if name not in known or not re.fullmatch(known[name], value):
            raise BadRule(f"{name[:20]} cannot be used, or not with this value")
    for pair in _EXCLUSIVE:
        if pair <= parts.keys():
            raise BadRule(f"{' and '.join(sorted(pair))} exclude each other")
    if "BYSETPOS" in parts and not re.fullmatch(_DAYS, parts.get("BYDAY", "")):
        raise BadRule("BYSETPOS needs a BYDAY without numbers")
    if not _comes_about(parts):
        raise BadRule("no such day exists")


def unfold(first: Span, rule: str, zone: str) -> list[Span]:
    """Return the occurrences of a rule within `HORIZON`, by the wall clock of `zone`; each is as long as the first.

    Without a rule the first is the only one. Raises `BadRule`.
    """
    if not rule:
        return [first]
    check_rule(rule)
    local = ZoneInfo(zone)
    begin = first.start.astimezone(local).replace(tzinfo=None)
    parts = _parts(rule)
    last = begin + HORIZON
    if "UNTIL" in parts:
        last = min(last, _until(parts["UNTIL"], local))
    if "COUNT" not in parts:
        parts["UNTIL"] = last.strftime("%Y%m%dT%H%M%S")
    bounded = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        starts = [at for at in rrulestr(bounded, dtstart=begin) if at <= last]
    except ValueError:
        raise BadRule("is not a recurrence rule") from None
    length = first.end - first.start
    found = [at.replace(tzinfo=local).astimezone(UTC) for at in starts]
    if not found:
        raise BadRule("never comes about within five years")
    return [Span(start=start, end=start + length) for start in found]


def _parts(rule: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in rule.split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) < len(pairs):
        raise BadRule("says something twice")
    return parts


def _until(text: str, local: ZoneInfo) -> datetime:
    """RFC 5545: a date is that whole day, a time with Z is in UTC, one without is the wall clock's."""
    try:
        if len(text) == len("yyyymmdd"):
            return datetime.strptime(text + "235959", "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone's own wall clock
        at = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - as above
    except ValueError:
        raise BadRule("UNTIL is no date") from None
    return at.replace(tzinfo=UTC).astimezone(local).replace(tzinfo=None) if text.endswith("Z") else at


def _comes_about(parts: Mapping[str, str]) -> bool:
    if "BYMONTH" not in parts or "BYMONTHDAY" not in parts:
        return True
    days = [abs(int(day)) for day in parts["BYMONTHDAY"].split(",")]
    return any(day <= _LONGEST_MONTH.get(month, 31) for month in parts["BYMONTH"].split(",") for day in days)
