"""People's checks of hypotheses and their verdicts: kept with the incident, and weighed at once."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

from shared.hypotheses import store
from shared.hypotheses.analysis import lead_of
from shared.hypotheses.commands import generated
from shared.hypotheses.errors import ReasonNeeded
from shared.hypotheses.events import HypothesisChecked, HypothesisJudged
from shared.hypotheses.judging import Verdict
from shared.hypotheses.schemas import CheckMadeIn, VerdictIn
from shared.hypotheses.scoring import rescore
from shared.hypotheses.store import Run, hypothesis_of, judgement_of
from shared.hypotheses.tables import HypothesisRow, JudgementRow
from shared.hypotheses.values import CauseCode, Hypothesis, Outcome, OutcomeKind
from shared.incidents import store as incidents
from shared.kernel.values import HypothesisId, ProjectId
from shared.platform.runtime import Tx

_REPLACED: Final = "Another cause was confirmed in its place."


async def tell_check(tx: Tx, project_id: ProjectId, hypothesis_id: HypothesisId, given: CheckMadeIn) -> Run:
    """Keep what the check of a hypothesis has shown, and rank the last run anew. Raises `HypothesisNotFound`."""
    subject, run, row = await _taken_up(tx, project_id, hypothesis_id)
    before, after = row.check_outcome, given.outcome.value
    if before == after:
        return run
    row.check_outcome, row.checked_at, row.checked_by = after, tx.now, tx.actor.name
    tx.record(
        HypothesisChecked(
            project_id=project_id,
            subject_id=hypothesis_id,
            incident_id=subject.incident_id,
            data=_about(row),
            changes={"check": (before, after)},
        )
    )
    return await _reranked(tx, project_id, run, row)


async def give_verdict(tx: Tx, project_id: ProjectId, hypothesis_id: HypothesisId, given: VerdictIn) -> Run:
    """Confirm or reject the cause that a hypothesis names, and rank the last run anew.

    Of an incident one cause is confirmed at a time: the next one takes its place. Raises `HypothesisNotFound`,
    `ReasonNeeded`.
    """
    if given.verdict is Verdict.REJECTED and not given.reason:
        raise ReasonNeeded
    subject, run, row = await _taken_up(tx, project_id, hypothesis_id)
    if (row.verdict, row.reason) == (given.verdict.value, given.reason):
        return run
    if given.verdict is Verdict.CONFIRMED:
        await _withdraw(tx, project_id, run, row)
    unaided = rescore(_outcome(run), ()).hypotheses
    before, proposed = row.verdict, _proposed(unaided, subject)
    row.verdict, row.reason = given.verdict.value, given.reason
    row.decided_at, row.decided_by = tx.now, tx.actor.name
    row.rank, row.confidence, row.source = proposed.rank, proposed.confidence, subject.source
    row.ranking = [_entry(one) for one in unaided]
    tx.record(
        HypothesisJudged(
            project_id=project_id,
            subject_id=hypothesis_id,
            incident_id=subject.incident_id,
            data=_about(row),
            changes={"verdict": (before, row.verdict)},
            note=given.reason,
        )
    )
    return await _reranked(tx, project_id, run, row)


async def _taken_up(
    tx: Tx, project_id: ProjectId, hypothesis_id: HypothesisId
) -> tuple[HypothesisRow, Run, JudgementRow]:
    """A hypothesis, its incident's last run, and what was said of its cause; nobody else says anything meanwhile."""
    subject = await store.get(tx, project_id, hypothesis_id)
    await incidents.lock(tx, subject.incident_id, project_id)
    run = await store.latest(tx, subject.incident_id)
    known = next((row for row in run.judgements if _is_about(subject, row)), None)
    if known is not None:
        return subject, run, known
    row = JudgementRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        project_id=project_id,
        incident_id=subject.incident_id,
        component=subject.component,
        cause_code=subject.cause_code,
        claim=subject.claim,
        check_outcome=None,
        checked_by="",
        verdict=None,
        reason="",
        decided_by="",
        source="",
    )
    tx.session.add(row)
    return subject, run, row


async def _withdraw(tx: Tx, project_id: ProjectId, run: Run, successor: JudgementRow) -> None:
    """Take back the verdict on the cause that was confirmed so far, if it was another."""
    for row in run.judgements:
        if row.verdict == Verdict.CONFIRMED.value and row.id != successor.id:
            row.verdict, row.reason, row.rank, row.confidence, row.ranking = None, "", None, None, []
            tx.record(
                HypothesisJudged(
                    project_id=project_id,
                    subject_id=next((one.id for one in run.hypotheses if _is_about(one, row)), row.id),
                    incident_id=run.incident_id,
                    data=_about(row),
                    changes={"verdict": (Verdict.CONFIRMED.value, None)},
                    note=_REPLACED,
                )
            )
            # Before the next one is confirmed: the database allows one at a time.
            await tx.session.flush()


async def _reranked(tx: Tx, project_id: ProjectId, run: Run, changed: JudgementRow) -> Run:
    """Weigh the last run again with what people say now, and tell of it."""
    judgements = run.judgements if changed in run.judgements else (*run.judgements, changed)
    outcome = rescore(_outcome(run), [judgement_of(row) for row in judgements])
    by_key = {(row.component, row.cause_code): row for row in run.hypotheses}
    for found in outcome.hypotheses:
        row = by_key[found.component, found.cause_code.value]
        row.rank, row.confidence_score = found.rank, found.confidence
        row.factors = [asdict(factor) for factor in found.factors]
    if run.scored is not None:
        run.scored.detail = {**run.scored.detail, "outcome": outcome.kind.value, "lead": lead_of(outcome.lead)}
    await tx.session.flush()
    tx.record(generated(project_id, run, outcome, await store.shown_by(tx, run.incident_id)))
    return replace(run, hypotheses=sorted(run.hypotheses, key=lambda row: row.rank), judgements=judgements)


def _proposed(unaided: Sequence[Hypothesis], subject: HypothesisRow) -> Hypothesis:
    """The hypothesis as the machine ranked it, whatever people have said of any."""
    same = (subject.component, CauseCode(subject.cause_code))
    return next((one for one in unaided if (one.component, one.cause_code) == same), hypothesis_of(subject))


def _entry(one: Hypothesis) -> dict[str, object]:
    """A hypothesis as the ranking of a verdict keeps it."""
    return {
        "component": one.component,
        "cause_code": one.cause_code.value,
        "confidence": one.confidence,
        "source": one.source,
    }


def _outcome(run: Run) -> Outcome:
    """A run's hypotheses, for weighing them again."""
    hypotheses = tuple(hypothesis_of(row) for row in run.hypotheses)
    return Outcome(kind=OutcomeKind.RANKED, hypotheses=hypotheses, lead=None, ruled_out=())


def _is_about(hypothesis: HypothesisRow, judgement: JudgementRow) -> bool:
    return (hypothesis.component, hypothesis.cause_code) == (judgement.component, judgement.cause_code)


def _about(row: JudgementRow) -> dict[str, object]:
    return {"incident_id": row.incident_id, "component": row.component, "cause_code": row.cause_code}
