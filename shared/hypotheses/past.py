"""What incidents like one turned out to be: the causes that people have confirmed."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from shared.hypotheses.judging import Verdict
from shared.hypotheses.tables import AnalysisRow, JudgementRow
from shared.hypotheses.values import CauseCode, PastCause
from shared.incidents.similar import similar
from shared.incidents.tables import IncidentRow
from shared.incidents.values import reference
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx

_MAX_SIMILAR: Final = 20
_REMEMBERED: Final = timedelta(days=365)


async def past_causes(tx: Tx, incident: IncidentRow) -> tuple[PastCause, ...]:
    """Return the confirmed causes of the project's incidents that are most like one, the most alike first.

    An incident that shared another's analysis shares its cause; those that share this one's are no past.
    """
    found = await similar(tx, ProjectId(incident.project_id), IncidentId(incident.id), limit=_MAX_SIMILAR)
    confirmed = await confirmed_causes(tx, [one.incident.id for one in found])
    return tuple(
        PastCause(
            reference=reference(one.incident.number),
            component=cause.component,
            cause_code=CauseCode(cause.cause_code),
            confirmed_at=cause.decided_at or one.incident.created_at,
            similarity=min(one.likeness.score, 1.0),
        )
        for one in found
        if (cause := confirmed.get(one.incident.id)) is not None and cause.incident_id != incident.id
    )


async def confirmed_counts(tx: Tx, project_id: UUID, *, besides: Collection[UUID]) -> Mapping[CauseCode, int]:
    """Return how often people confirmed each cause in the project within a year, `besides` of some incidents.

    Incidents that share an analysis share a verdict, and count once. That nothing was wrong is no cause.
    """
    rows = await tx.session.execute(
        select(JudgementRow.cause_code, func.count())
        .where(
            JudgementRow.tenant_id == tx.tenant_id,
            JudgementRow.project_id == project_id,
            JudgementRow.verdict == Verdict.CONFIRMED.value,
            JudgementRow.cause_code != CauseCode.NONE.value,
            JudgementRow.decided_at > tx.now - _REMEMBERED,
            JudgementRow.incident_id.not_in(besides),
        )
        .group_by(JudgementRow.cause_code)
    )
    return {CauseCode(code): count for code, count in rows}


async def confirmed_causes(tx: Tx, incident_ids: Collection[UUID]) -> Mapping[UUID, JudgementRow]:
    """Return, by incident, what people have confirmed as the cause of it, or of that whose analysis it shares."""
    rows = await tx.session.execute(
        select(AnalysisRow.id, JudgementRow)
        .join(
            JudgementRow,
            (JudgementRow.tenant_id == AnalysisRow.tenant_id) & (JudgementRow.incident_id == AnalysisRow.leader_id),
        )
        .where(
            AnalysisRow.tenant_id == tx.tenant_id,
            AnalysisRow.id.in_(incident_ids),
            JudgementRow.verdict == Verdict.CONFIRMED.value,
        )
    )
    return {row[0]: row[1] for row in rows}
