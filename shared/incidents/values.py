"""The words of what people do with incidents."""

from enum import StrEnum
from typing import Final


class LinkKind(StrEnum):
    """How an incident has to do with another: it is the same problem again, or related, a duplicate, or its effect."""

    RECURRENCE = "recurrence"
    RELATED = "related"
    DUPLICATE = "duplicate"
    CAUSED_BY = "caused_by"


# Read from either end alike.
SYMMETRIC: Final = frozenset({LinkKind.RELATED, LinkKind.DUPLICATE})


def reference(number: int) -> str:
    """Return what people call an incident."""
    return f"INC-{number}"
