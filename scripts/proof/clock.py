"""A clock for whoever decides what time it is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class SetClock:
    """Stands at the time that it was set to."""

    at: datetime

    def now(self) -> datetime:
        return self.at
