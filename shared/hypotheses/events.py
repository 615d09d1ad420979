"""What happens to hypotheses."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAdded(Event):
    """Somebody or something has told of what was seen beside the alerts."""

    type = "evidence.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisGenerated(Event):
    """An analysis run has published what it found."""

    type = "hypothesis.generated"


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisChecked(Event):
    """Somebody made the check of a hypothesis and told what came out of it."""

    type = "hypothesis.checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisJudged(Event):
    """Somebody confirmed or rejected a hypothesis, or another one was confirmed in its place."""

    type = "hypothesis.judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesesRequested(Event):
    """Somebody wants an incident's hypotheses. `data`: whether to `refresh` them, and the `owner` of its claim."""

    type = "hypotheses.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetReached(Event):
    """A share of the month's budget for language models is spent. `data` has `percent`; from 100 on, rules alone."""

    type = "ai_budget.reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetChanged(Event):
    """The tenant's owner has set what may be spent in a month."""

    type = "ai_budget.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisDue(Event):
    """An open incident has news since it was analysed. It is on no timeline: nothing has happened to the incident."""

    type = "analysis.due"
