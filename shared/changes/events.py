"""What happens to changes: the statement that stores them records it."""

from shared.kernel.events import Event


class ChangeRecorded(Event):
    type = "change.recorded"
