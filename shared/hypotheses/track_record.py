"""A project's verdicts, and what they say of how good its hypotheses were."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, func, select

from shared.hypotheses import accuracy
from shared.hypotheses.accuracy import Decided, Proposal
from shared.hypotheses.accuracy_schemas import AccuracyOut, AccuracyQuery, BucketOut, CauseOut, GeneratorOut, RankedOut
from shared.hypotheses.judging import Verdict
from shared.hypotheses.tables import AnalysisRow, JudgementRow
from shared.hypotheses.values import CauseCode
from shared.incidents.tables import IncidentRow
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx

PERIOD: Final = timedelta(days=90)


async def track_record(tx: Tx, project_id: ProjectId, query: AccuracyQuery) -> AccuracyOut:
    """Return how good a project's hypotheses were, of incidents that opened in a period."""
    until = query.until or tx.now
    since = query.since or until - PERIOD
    opened = [IncidentRow.created_at >= since, *([IncidentRow.created_at < query.until] if query.until else [])]
    verdicts = await _verdicts(tx, project_id, opened)
    judged = accuracy.judged_incidents(verdicts)
    unjudged = await _unjudged(tx, project_id, opened)
    reliability = accuracy.reliability(judged)
    return AccuracyOut(
        **dict(RankedOut.of(accuracy.ranking(judged))),
        since=since,
        until=until,
        analysed=len(judged) + unjudged,
        judged=len(judged),
        unjudged=unjudged,
        by_cause=[
            CauseOut(**dict(RankedOut.of(one)), cause_code=CauseCode(code))
            for code, one in accuracy.by_cause(judged).items()
        ],
        by_generator=[
            GeneratorOut(**dict(RankedOut.of(one)), generator=name)
            for name, one in accuracy.by_generator(judged).items()
        ],
        enough=accuracy.ENOUGH,
        missing=max(accuracy.ENOUGH - len(judged), 0),
        reliability=None if reliability is None else [BucketOut.of(one) for one in reliability],
    )


async def _verdicts(tx: Tx, project_id: ProjectId, opened: Iterable[ColumnElement[bool]]) -> list[Decided]:
    rows = await tx.session.scalars(
        tx.select(JudgementRow)
        .join(
            IncidentRow,
            (IncidentRow.tenant_id == JudgementRow.tenant_id) & (IncidentRow.id == JudgementRow.incident_id),
        )
        .where(JudgementRow.project_id == project_id, JudgementRow.verdict.is_not(None), *opened)
        .order_by(JudgementRow.id)
    )
    return [_decided(row, Verdict(row.verdict)) for row in rows if row.verdict]


async def _unjudged(tx: Tx, project_id: ProjectId, opened: Iterable[ColumnElement[bool]]) -> int:
    """How many incidents have an analysis of their own that nobody judged.

    What shares another's analysis, or has become part of another incident, has none; what is archived concerns nobody.
    """
    is_lead_rejected = (JudgementRow.verdict == Verdict.REJECTED.value) & (JudgementRow.rank == 1)
    is_judged = exists().where(
        JudgementRow.tenant_id == AnalysisRow.tenant_id,
        JudgementRow.incident_id == AnalysisRow.id,
        (JudgementRow.verdict == Verdict.CONFIRMED.value) | is_lead_rejected,
    )
    found = await tx.session.scalar(
        select(func.count())
        .select_from(AnalysisRow)
        .join(IncidentRow, (IncidentRow.tenant_id == AnalysisRow.tenant_id) & (IncidentRow.id == AnalysisRow.id))
        .where(
            AnalysisRow.tenant_id == tx.tenant_id,
            AnalysisRow.project_id == project_id,
            AnalysisRow.leader_id == AnalysisRow.id,
            AnalysisRow.analysed_at.is_not(None),
            IncidentRow.merged_into.is_(None),
            IncidentRow.archived_at.is_(None),
            ~is_judged,
            *opened,
        )
    )
    return found or 0


def _decided(row: JudgementRow, verdict: Verdict) -> Decided:
    return Decided(
        incident_id=row.incident_id,
        verdict=verdict,
        rank=row.rank or 1,
        proposal=Proposal(
            component=row.component,
            cause_code=row.cause_code,
            confidence=row.confidence or 0.0,
            source=row.source,
        ),
        ranking=tuple(Proposal(**one) for one in row.ranking),
    )
