"""Past incidents like one, with what people found them to be: incidents know the former, hypotheses the latter."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from shared.alerts.values import Severity
from shared.hypotheses.past import confirmed_causes
from shared.hypotheses.tables import JudgementRow
from shared.hypotheses.values import CauseCode
from shared.incidents.lifecycle import State
from shared.incidents.similar import Similar, similar
from shared.incidents.similarity import Trait
from shared.incidents.values import reference
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx
from shared.platform.wire import Time, Wire


class ConfirmedOut(Wire):
    """What people confirmed as an incident's cause, and when."""

    component: str
    cause_code: CauseCode
    confirmed_at: Time | None

    @classmethod
    def of(cls, row: JudgementRow) -> Self:
        return cls(component=row.component, cause_code=CauseCode(row.cause_code), confirmed_at=row.decided_at)


class SimilarOut(Wire):
    """An incident like another one: `score` from 0 to 1; `shared` has, by trait, what both have.

    `cause` is what people confirmed as its root cause, null where they have not.
    """

    id: UUID
    number: int
    reference: str
    title: str
    severity: Severity
    state: State
    service_name: str
    created_at: Time
    resolved_at: Time | None
    score: float
    shared: dict[Trait, list[str]]
    cause: ConfirmedOut | None

    @classmethod
    def of(cls, one: Similar, cause: JudgementRow | None) -> Self:
        row = one.incident
        return cls(
            id=row.id,
            number=row.number,
            reference=reference(row.number),
            title=row.title,
            severity=Severity(row.severity),
            state=State(row.state),
            service_name=row.service_name,
            created_at=row.created_at,
            resolved_at=row.resolved_at,
            score=round(one.likeness.score, 3),
            shared={
                trait: [] if trait is Trait.PROBLEM else sorted(values) for trait, values in one.likeness.shared.items()
            },
            cause=ConfirmedOut.of(cause) if cause else None,
        )


async def similar_incidents(
    tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, limit: int
) -> Sequence[SimilarOut]:
    """Return the project's incidents that are most like one, best first. Raises `IncidentNotFound`."""
    found = await similar(tx, project_id, incident_id, limit=limit)
    causes = await confirmed_causes(tx, [one.incident.id for one in found])
    return [SimilarOut.of(one, causes.get(one.incident.id)) for one in found]
