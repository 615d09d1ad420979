"""Related incidents on the wire."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from shared.alerts.values import Severity
from shared.incidents.lifecycle import State
from shared.incidents.tables import IncidentRow, LinkRow
from shared.incidents.values import LinkKind, reference
from shared.platform.wire import Time, Wire


class Direction(StrEnum):
    """Which end of the link this incident is: it reads from here to the other one, or from there to here."""

    TO = "to"
    FROM = "from"


class RelatedOut(Wire):
    """Another incident and how it has to do with this one.

    `via` are services on the way, from a caller to what it depends on; `reason` says it in words. Both are empty for
    links that people drew.
    """

    link_id: UUID
    kind: LinkKind
    direction: Direction
    reason: str
    via: list[str]
    linked_at: Time
    id: UUID
    number: int
    reference: str
    title: str
    severity: Severity
    state: State
    service_name: str
    started_at: Time
    created_at: Time

    @classmethod
    def of(cls, incident_id: UUID, link: LinkRow, other: IncidentRow) -> Self:
        return cls(
            link_id=link.id,
            kind=LinkKind(link.kind),
            direction=Direction.TO if link.incident_id == incident_id else Direction.FROM,
            reason=link.reason,
            via=link.via,
            linked_at=link.created_at,
            id=other.id,
            number=other.number,
            reference=reference(other.number),
            title=other.title,
            severity=Severity(other.severity),
            state=State(other.state),
            service_name=other.service_name,
            started_at=other.started_at,
            created_at=other.created_at,
        )
