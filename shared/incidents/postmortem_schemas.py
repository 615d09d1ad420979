"""Postmortems on the wire."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from shared.incidents.postmortems import UNWRITTEN
from shared.incidents.tables import PostmortemRow
from shared.platform.wire import Line, Time, Wire, no_nul

MAX_TEXT = 100_000  # characters, well inside the body limit however they are encoded
MAX_ITEMS = 100


class Standing(StrEnum):
    """`suggested` was made by code and is not saved; `edited` was published, and has changed since."""

    SUGGESTED = "suggested"
    DRAFT = "draft"
    PUBLISHED = "published"
    EDITED = "edited"


class ActionItem(Wire):
    """What is to be done, by whom (a person or a team) and by when."""

    title: Annotated[Line, Field(min_length=1, max_length=500)]
    owner: Annotated[Line, Field(max_length=200)] = ""
    due: date | None = None
    done: bool = False


class PostmortemIn(Wire):
    """The whole postmortem: `body` is Markdown."""

    body: Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(no_nul)]
    action_items: Annotated[tuple[ActionItem, ...], Field(max_length=MAX_ITEMS)] = ()


class PublishedOut(Wire):
    """What was published last, and which version that was."""

    version: int
    at: Time
    by: str
    body: str
    action_items: list[ActionItem]


class PostmortemOut(Wire):
    """A postmortem. Version 0 is a suggestion, made anew from what is known until somebody saves it."""

    incident_id: UUID
    standing: Standing
    body: str
    action_items: list[ActionItem]
    version: int
    updated_at: Time | None
    published: PublishedOut | None

    @classmethod
    def suggestion(cls, incident_id: UUID, body: str) -> Self:
        return cls(
            incident_id=incident_id,
            standing=Standing.SUGGESTED,
            body=body,
            action_items=[],
            version=UNWRITTEN,
            updated_at=None,
            published=None,
        )

    @classmethod
    def of(cls, row: PostmortemRow) -> Self:
        return cls(
            incident_id=row.incident_id,
            standing=_standing(row),
            body=row.body,
            action_items=[ActionItem.model_validate(item) for item in row.action_items],
            version=row.version,
            updated_at=row.updated_at,
            published=_published(row),
        )


def _standing(row: PostmortemRow) -> Standing:
    if row.published_version is None:
        return Standing.DRAFT
    return Standing.PUBLISHED if row.published_version == row.version else Standing.EDITED


def _published(row: PostmortemRow) -> PublishedOut | None:
    if row.published_version is None or row.published_at is None:
        return None
    return PublishedOut(
        version=row.published_version,
        at=row.published_at,
        by=row.published_by or "",
        body=row.published_body or "",
        action_items=[ActionItem.model_validate(item) for item in row.published_action_items or ()],
    )
