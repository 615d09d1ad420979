"""Changes on the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from shared.changes.tables import ChangeRow
from shared.changes.values import ChangeKind
from shared.platform.wire import Instant, Line, Time, Wire


class ChangeQuery(Wire):
    """What to list: changes of a component or a kind, that happened at `from` or later and before `to`."""

    component: Annotated[Line, Field(max_length=200)] | None = None
    kind: ChangeKind | None = None
    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Annotated[Instant | None, Field(alias="to")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class ChangeOut(Wire):
    """A change. `external_id` is its sender's own id, or a digest where the sender gave none."""

    id: UUID
    integration_id: UUID
    external_id: str
    at: Time
    kind: ChangeKind
    component: str
    title: str
    detail: str
    author: str
    url: str
    received_at: Time

    @classmethod
    def of(cls, row: ChangeRow) -> Self:
        return cls(
            id=row.id,
            integration_id=row.integration_id,
            external_id=row.external_id,
            at=row.at,
            kind=ChangeKind(row.kind),
            component=row.component,
            title=row.title,
            detail=row.detail,
            author=row.author,
            url=row.url,
            received_at=row.received_at,
        )
