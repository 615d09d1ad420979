"""What the people who run a deployment have to look at: data at risk, and what keeps failing.

To sound an alarm returns at once and never fails. The same alarm is told once in five minutes, however often it sounds,
and is told again and again until somebody has taken it.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.kernel.values import Clock

log = logging.getLogger(__name__)

REPEAT_AFTER: Final = timedelta(minutes=5)
FAILURES: Final = 5
FAILURES_WITHIN: Final = timedelta(minutes=1)
MAX_KNOWN: Final = 1_000  # problems, within that time
_FIRST_PAUSE: Final = 1.0
_MAX_PAUSE: Final = 60.0
_CLOSE_SECONDS: Final = 2.0


class Danger(StrEnum):
    """What is wrong, as one line about a subject."""

    WORK_GIVEN_UP = "Work of queue {subject} was given up after five tries; the dead letters have it"
    MESSAGE_LOST = "A message of queue {subject} cannot be read, and is lost"
    ALERTS_REFUSED = "Alerts sent to {subject} are refused: neither the database nor the queue takes them"
    SEAL_BROKEN = "The audit of {subject} does not match its seal"
    NOT_SEALED = "A day of the audit of {subject} cannot be sealed"
    KEEPS_FAILING = "{subject} keeps failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Equal `danger` and `subject` are the same problem. `subject` is a queue, a route, or a tenant by its id."""

    danger: Danger
    subject: str
    trace: str = ""

    @property
    def title(self) -> str:
        return self.danger.format(subject=self.subject)


type Tell = Callable[[Alarm], Awaitable[None]]


class Alarms:
    """The alarms of one process. Without anybody to tell, they are in the log alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tell: Tell | None = None
        self._told: dict[str, datetime] = {}
        self._failures: defaultdict[str, deque[datetime]] = defaultdict(lambda: deque(maxlen=FAILURES))
        self._waiting: dict[str, Alarm] = {}
        self._task: asyncio.Task[None] | None = None

    def attach(self, tell: Tell) -> None:
        """Tell whatever sounds from now on. `tell` is tried again when it raises."""
        self._tell = tell

    def sound(self, alarm: Alarm) -> None:
        """Log an alarm, and have it told unless it has been just now."""
        log.critical("%s", alarm.title)
        now = self._clock.now()
        self._told = {title: at for title, at in self._told.items() if now - at < REPEAT_AFTER}
        if self._tell is None or alarm.title in self._told or len(self._told) >= MAX_KNOWN:
            return
        self._told[alarm.title] = now
        self._waiting[alarm.title] = alarm
        if self._task is None or self._task.done():
            # In nobody's context: whatever goes wrong with telling is not the work of who sounded it.
            self._task = asyncio.create_task(self._run(), context=Context())

    def count(self, alarm: Alarm) -> None:
        """Sound an alarm if this is the fifth time within a minute."""
        now = self._clock.now()
        times = self._failures[alarm.title]
        times.append(now)
        if len(times) == FAILURES and now - times[0] <= FAILURES_WITHIN:
            self.sound(alarm)

    async def close(self) -> None:
        """Tell what waits, as far as that takes two seconds at most."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=_CLOSE_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while self._waiting and self._tell is not None:
            title, alarm = next(iter(self._waiting.items()))
            try:
                await self._tell(alarm)
            except Exception as error:  # noqa: BLE001 - whatever it is, the alarm is not lost by it
                log.warning("an alarm could not be told, and will be again: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE)
            else:
                del self._waiting[title]
                pause = _FIRST_PAUSE
