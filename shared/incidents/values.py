"""The words of what people do with incidents."""

from enum import StrEnum


class LinkKind(StrEnum):
    """How an incident has to do with another: it is the same problem again, or related, a duplicate, or its effect."""

    RECURRENCE = "recurrence"
    RELATED = "related"
    DUPLICATE = "duplicate"
    CAUSED_BY = "caused_by"
