"""What may be wrong with a question to the analytics."""

from shared.kernel.errors import Invalid


class BadRange(Invalid):
    title = "The time range is empty, or too long for its interval."
