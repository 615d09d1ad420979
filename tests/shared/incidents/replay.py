"""The event log, folded."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.platform.tables import EventRow

FIELDS = (
    "title",
    "description",
    "severity",
    "state",
    "service_name",
    "labels",
    "assignee_id",
    "merged_into",
    "archived_at",
)
NOTHING: Mapping[str, Any] = {"description": "", "service_name": "", "labels": {}}


def replayed(events: Iterable[EventRow]) -> dict[str, Any]:
    """Return what an incident's events add up to, as JSON has it. Each has to begin where the one before ended."""
    found: dict[str, Any] = {}
    for event in events:
        if event.type not in {"incident.created", "incident.updated"}:
            continue
        for field, (before, after) in event.changes.items():
            if field in FIELDS:
                assert found.get(field, NOTHING.get(field)) == before or event.type == "incident.created"
                found[field] = after
    return {field: found.get(field, NOTHING.get(field)) for field in FIELDS}
