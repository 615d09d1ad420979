"""What happens to changes: the statement that stores them records it."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecorded(Event):
    type = "change.recorded"
