"""Comments on the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator

from shared.incidents.schemas import ActorOut, Markdown
from shared.incidents.tables import CommentRow
from shared.platform.wire import Time, Wire


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


class CommentIn(Wire):
    """`body` is Markdown, stored as it is given: whoever shows it makes it safe."""

    body: Annotated[Markdown, AfterValidator(_not_blank)]


class CommentOut(Wire):
    """A comment. `body` is Markdown that nobody has made safe; of a deleted comment it is empty."""

    id: UUID
    incident_id: UUID
    author: ActorOut
    body: str
    version: int
    created_at: Time
    edited_at: Time | None
    deleted_at: Time | None

    @classmethod
    def of(cls, row: CommentRow) -> Self:
        return cls(
            id=row.id,
            incident_id=row.incident_id,
            author=ActorOut(kind=row.author_kind, id=row.author_id, name=row.author_name),
            body=row.body,
            version=row.version,
            created_at=row.created_at,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
        )
