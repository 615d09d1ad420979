"""One analysis run: from a case to ranked hypotheses, each phase timed and told of as it goes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.hypotheses import candidates, findings, scoring
from shared.hypotheses.findings import Finding
from shared.hypotheses.judging import Judgement
from shared.hypotheses.knowledge import calibration
from shared.hypotheses.model_candidates import Asked, merged
from shared.hypotheses.values import Case, Evidence, Hypothesis, Outcome
from shared.kernel.values import Clock
from shared.platform.telemetry import span


class StepType(StrEnum):
    """The phases of an analysis, in order."""

    ALERT_RECEIVED = "alert_received"
    EVIDENCE_COLLECTED = "evidence_collected"
    CANDIDATES_GENERATED = "candidates_generated"
    HYPOTHESES_SCORED = "hypotheses_scored"
    PUBLISHED = "published"


class StepStatus(StrEnum):
    """Where a phase is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A phase that has begun. `detail` says in numbers what came out of it."""

    type: StepType
    status: StepStatus
    started_at: datetime
    finished_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)


type Report = Callable[[Step], Awaitable[None]]
type Ask = Callable[[Case, Sequence[Evidence]], Awaitable[Asked]]


@dataclass(frozen=True, slots=True)
class Phases:
    """Tells of each phase of a run when it begins and when it ends."""

    clock: Clock
    report: Report

    @asynccontextmanager
    async def phase(self, kind: StepType) -> AsyncIterator[dict[str, Any]]:
        """Run a phase; gives the detail to fill in. One that fails is told of by whoever gives up the run."""
        step = Step(type=kind, status=StepStatus.RUNNING, started_at=self.clock.now())
        await self.report(step)
        with span(kind.value):
            yield step.detail
        await self.report(replace(step, status=StepStatus.COMPLETED, finished_at=self.clock.now()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a run goes by: the case, its evidence, what people said of its causes, and what the model found last."""

    case: Case
    evidence: tuple[Evidence, ...]
    judgements: Sequence[Judgement]
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a run found. `findings` are the model's; None where it has not answered."""

    evidence: tuple[Evidence, ...]
    outcome: Outcome
    findings: Sequence[Finding] | None


async def analyse(known: Gathered, phases: Phases, ask: Ask) -> Analysis:
    """Explain a case by rules, by what `ask` gets from a language model beside them, and by what people said so far.

    Where the model does not answer, what it found last is weighed again.
    """
    case, evidence = known.case, known.evidence
    async with phases.phase(StepType.CANDIDATES_GENERATED) as detail:
        asked = await ask(case, evidence)
        recalled = () if asked.answered else findings.recalled(known.findings, evidence)
        by_model = asked.candidates or recalled
        proposed = merged(candidates.grounded(candidates.propose(case, evidence), evidence), by_model)
        generator = "rules and model" if by_model else "rules"
        detail.update(candidates=len(proposed), generator=generator, model=dict(asked.detail), recalled=len(recalled))
    async with phases.phase(StepType.HYPOTHESES_SCORED) as detail:
        outcome = scoring.score(case, evidence, proposed, known.judgements)
        detail.update(
            outcome=outcome.kind.value,
            calibration=calibration.VERSION,
            lead=lead_of(outcome.lead),
            ruled_out=[
                {"component": out.component, "cause_code": out.cause_code.value, "reason": out.reason}
                for out in outcome.ruled_out
            ],
        )
    kept = findings.found(asked.candidates, evidence) if asked.answered else None
    return Analysis(evidence=evidence, outcome=outcome, findings=kept)


def lead_of(lead: Hypothesis | None) -> dict[str, Any] | None:
    """The strongest cause of an inconclusive run, as the scoring step tells it."""
    if lead is None:
        return None
    return {
        "component": lead.component,
        "cause_code": lead.cause_code.value,
        "claim": lead.claim,
        "confidence_score": lead.confidence,
    }
