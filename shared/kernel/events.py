"""Facts: what has happened, recorded in the transaction that makes it true."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.kernel.values import Actor, ProjectId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact about one resource (`subject_id`), not yet recorded.

    `data` is what live clients are told, as JSON. `changes` maps a field to its value before and after.
    """

    type: ClassVar[str]

    project_id: ProjectId
    subject_id: UUID
    incident_id: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A fact as the event log holds it. `seq` counts the project's live events from 1; None until relayed."""

    id: UUID
    type: str
    tenant_id: TenantId
    project_id: ProjectId
    subject_id: UUID
    incident_id: UUID | None
    at: datetime
    actor: Actor
    data: Mapping[str, Any]
    changes: Mapping[str, Any]
    note: str
    seq: int | None
