"""One analysis run: from a case to ranked hypotheses, each phase timed."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.hypotheses import candidates, evidence, scoring
from shared.hypotheses.judging import Judgement
from shared.hypotheses.knowledge import calibration
from shared.hypotheses.model_candidates import Asked, merged
from shared.hypotheses.values import Case, Evidence, Hypothesis, Outcome
from shared.kernel.values import Clock


class StepType(StrEnum):
    """The phases of an analysis, in order."""

    ALERT_RECEIVED = "alert_received"
    EVIDENCE_COLLECTED = "evidence_collected"
    CANDIDATES_GENERATED = "candidates_generated"
    HYPOTHESES_SCORED = "hypotheses_scored"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A finished phase. `detail` says in numbers what came out of it."""

    type: StepType
    started_at: datetime
    finished_at: datetime
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a run found, and how."""

    evidence: tuple[Evidence, ...]
    outcome: Outcome
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Stopwatch:
    clock: Clock
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, kind: StepType) -> Iterator[dict[str, Any]]:
        started_at, detail = self.clock.now(), dict[str, Any]()
        yield detail
        self.steps.append(Step(type=kind, started_at=started_at, finished_at=self.clock.now(), detail=detail))


type Ask = Callable[[Case, Sequence[Evidence]], Awaitable[Asked]]


async def analyse(case: Case, clock: Clock, judgements: Sequence[Judgement], ask: Ask) -> Analysis:
    """Explain a case by rules, by what `ask` gets from a language model beside them, and by what people said so far."""
    watch = _Stopwatch(clock)
    with watch.step(StepType.EVIDENCE_COLLECTED) as detail:
        found = evidence.collect(case)
        detail["evidence"] = len(found)
    with watch.step(StepType.CANDIDATES_GENERATED) as detail:
        asked = await ask(case, found)
        proposed = merged(candidates.grounded(candidates.propose(case, found), found), asked.candidates)
        generator = "rules and model" if asked.candidates else "rules"
        detail.update(candidates=len(proposed), generator=generator, model=dict(asked.detail))
    with watch.step(StepType.HYPOTHESES_SCORED) as detail:
        outcome = scoring.score(case, found, proposed, judgements)
        detail.update(
            outcome=outcome.kind.value,
            calibration=calibration.VERSION,
            lead=lead_of(outcome.lead),
            ruled_out=[
                {"component": out.component, "cause_code": out.cause_code.value, "reason": out.reason}
                for out in outcome.ruled_out
            ],
        )
    return Analysis(evidence=found, outcome=outcome, steps=tuple(watch.steps))


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
