"""Timer triggers: one run at a time, on schedule, and one more when an occurrence was missed."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from scripts.devstack.functions_host.app import Function
from scripts.devstack.functions_host.background import pause
from scripts.devstack.functions_host.dispatcher import Dispatcher
from scripts.devstack.functions_host.messages import TypedData
from scripts.devstack.functions_host.schedule import Schedule

_MAX_SLEEP: Final = 60.0  # so that a laptop that slept, or a clock that was set, is noticed


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Status:
    """What is remembered of a timer: its last occurrence, the next one, and when that was worked out."""

    last: datetime | None
    next: datetime
    last_updated: datetime

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError or TypeError for anything but what `to_json` wrote."""
        found = json.loads(text)
        last = found["Last"] and datetime.fromisoformat(found["Last"])
        return cls(last, datetime.fromisoformat(found["Next"]), datetime.fromisoformat(found["LastUpdated"]))

    def to_json(self) -> str:
        return json.dumps(self.as_dict())

    def as_dict(self) -> dict[str, str | None]:
        return {
            "Last": self.last.isoformat() if self.last else None,
            "Next": self.next.isoformat(),
            "LastUpdated": self.last_updated.isoformat(),
        }


def checked(status: Status | None, schedule: Schedule, now: datetime) -> Status:
    """The status to start with. One made by another schedule, or none, is worked out anew and so is never past due."""
    if status is not None and schedule.next_after(status.last_updated) == status.next:
        return status
    return Status(last=status.last if status else None, next=schedule.next_after(now), last_updated=now)


class StatusFile:
    """A timer's status across restarts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Status | None:
        try:
            return Status.from_json(self._path.read_text())
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def write(self, status: Status) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Replaced as a whole, so that a crash leaves the old status or the new one.
        fresh = self._path.with_suffix(".new")
        fresh.write_text(status.to_json())
        fresh.replace(self._path)


def timer_data(status: Status | None, *, is_past_due: bool) -> TypedData:
    """What a timer function gets, in the protocol's JSON."""
    request = {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": status and status.as_dict(),
        "IsPastDue": is_past_due,
    }
    return TypedData(json=json.dumps(request))


class Timer:
    """Runs one function on its schedule until told to stop.

    The next occurrence is worked out when a run has ended, so a long run skips occurrences and never overlaps itself; a
    failed run changes nothing about the schedule.
    """

    def __init__(self, function: Function, schedule: Schedule, dispatcher: Dispatcher, file: StatusFile) -> None:
        self._function = function
        self._schedule = schedule
        self._dispatcher = dispatcher
        is_monitored = function.trigger.get("useMonitor") is not False
        # Azure does not monitor such schedules either: a missed run matters less than a write for each run.
        self._file = file if is_monitored and not schedule.is_more_than_once_a_minute(utc_now()) else None
        self._status: Status | None = None

    async def keep_time(self, stop: asyncio.Event) -> None:
        is_past_due = self._is_past_due()
        if is_past_due or self._function.trigger.get("runOnStartup") is True:
            await self._run(utc_now(), is_past_due=is_past_due)
        while not stop.is_set():
            due = self._schedule.next_after(utc_now())
            while (left := (due - utc_now()).total_seconds()) > 0 and not stop.is_set():
                await pause(stop, min(left, _MAX_SLEEP))
            if not stop.is_set():
                await self._run(due, is_past_due=False)

    def _is_past_due(self) -> bool:
        if self._file is None:
            return False
        self._remember(checked(self._file.read(), self._schedule, utc_now()))
        return self._status is not None and self._status.next < utc_now()

    async def _run(self, occurrence: datetime, *, is_past_due: bool) -> None:
        await self._dispatcher.run(self._function, timer_data(self._status, is_past_due=is_past_due))
        ended = utc_now()
        self._remember(Status(last=occurrence, next=self._schedule.next_after(ended), last_updated=ended))

    def _remember(self, status: Status) -> None:
        if self._file is not None:
            self._file.write(status)
            self._status = status
