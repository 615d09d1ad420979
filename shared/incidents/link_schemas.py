"""Links between incidents on the wire."""

from typing import Literal, Self
from uuid import UUID

from shared.incidents.tables import LinkRow
from shared.incidents.values import LinkKind
from shared.platform.wire import Time, Wire


class LinkIn(Wire):
    other_id: UUID
    kind: Literal[LinkKind.RELATED, LinkKind.DUPLICATE, LinkKind.CAUSED_BY]


class LinkOut(Wire):
    """A link, which reads from `incident_id` to `other_id`."""

    id: UUID
    kind: LinkKind
    incident_id: UUID
    other_id: UUID
    created_at: Time

    @classmethod
    def of(cls, row: LinkRow) -> Self:
        return cls(
            id=row.id,
            kind=LinkKind(row.kind),
            incident_id=row.incident_id,
            other_id=row.other_id,
            created_at=row.created_at,
        )
