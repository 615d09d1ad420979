"""NCRONTAB, the six-field schedules of Azure timers: `{second} {minute} {hour} {day} {month} {day-of-week}`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice, pairwise
from typing import Final

from croniter import CroniterError, croniter

_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    low: int
    high: int
    names: Sequence[str] = ()


FIELDS: Final = (
    Field("second", 0, 59),
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day", 1, 31),
    Field("month", 1, 12, _MONTHS),
    Field("day-of-week", 0, 6, _DAYS),
)

_ITEM = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")


class Schedule:
    """A schedule in a time zone. Day of month and day of week must both match, unlike in Vixie cron."""

    def __init__(self, expression: str, zone: tzinfo) -> None:
        """Raises ValueError for what NCRONTAB does not accept, and for a schedule that never comes."""
        self.expression = expression
        self._zone = zone
        self._cron = " ".join(_normal(expression))
        try:
            self.next_after(datetime.now(zone))
        except CroniterError as error:
            raise ValueError(f"The schedule '{expression}' never comes.") from error

    def next_after(self, moment: datetime) -> datetime:
        """The first occurrence later than `moment`, in the schedule's time zone."""
        return next(self._occurrences(moment))

    def is_more_than_once_a_minute(self, now: datetime) -> bool:
        near = islice(self._occurrences(now), 5)
        return any(later - earlier < timedelta(minutes=1) for earlier, later in pairwise(near))

    def _occurrences(self, moment: datetime) -> Iterator[datetime]:
        start = moment.astimezone(self._zone)
        cron = croniter(self._cron, start, ret_type=datetime, second_at_beginning=True, day_or=False)
        while True:
            yield cron.get_next()


def _normal(expression: str) -> Iterator[str]:
    """The fields as numbers only: names, descending ranges and open steps are NCRONTAB's own, not croniter's."""
    texts = expression.split()
    if len(texts) != len(FIELDS):
        raise ValueError(f"The schedule '{expression}' has {len(texts)} fields, not {len(FIELDS)}.")
    for field, text in zip(FIELDS, texts, strict=True):
        yield ",".join(_item(field, item) for item in text.split(","))


def _item(field: Field, text: str) -> str:
    found = _ITEM.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is not a valid [{field.name}] field of a schedule.")
    step = f"/{max(1, int(found['step']))}" if found["step"] else ""
    if found["all"]:
        return f"*{step}"
    first = _value(field, found["first"])
    last = _value(field, found["last"]) if found["last"] else field.high if step else first
    low, high = sorted((first, last))
    return f"{low}-{high}{step}" if low < high else str(low)


def _value(field: Field, text: str) -> int:
    if text.isdecimal():
        value = int(text)
        if not field.low <= value <= field.high:
            raise ValueError(f"{value} is not between {field.low} and {field.high}, the [{field.name}] field's limits.")
        return value
    for position, name in enumerate(field.names, start=field.low):
        if name.startswith(text.lower()):
            return position
    raise ValueError(f"'{text}' is not a value of a schedule's [{field.name}] field.")
