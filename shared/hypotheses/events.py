"""What happens to hypotheses."""

from shared.kernel.events import Event


class EvidenceAdded(Event):
    """Somebody or something has told of what was seen beside the alerts."""

    type = "evidence.added"


class HypothesisGenerated(Event):
    """An analysis run has published what it found, or people have had it ranked anew.

    `data` has the `incident_id` that was analysed, the `count` of hypotheses, and the ids of all incidents that show
    them (`together`).
    """

    type = "hypothesis.generated"


class HypothesisChecked(Event):
    """Somebody made the check of a hypothesis and told what came out of it."""

    type = "hypothesis.checked"


class HypothesisJudged(Event):
    """Somebody confirmed or rejected a hypothesis, or another one was confirmed in its place."""

    type = "hypothesis.judged"


class HypothesesRequested(Event):
    """Somebody wants an incident's hypotheses.

    `data`: whether to `refresh` them, the `analysed_incident_id` that is claimed for it, and the `owner` of the claim.
    """

    type = "hypotheses.requested"


class BudgetReached(Event):
    """A share of the month's budget for language models is spent. `data` has `percent`; from 100 on, rules alone."""

    type = "ai_budget.reached"


class BudgetChanged(Event):
    """The tenant's owner has set what may be spent in a month."""

    type = "ai_budget.changed"


class AnalysisDue(Event):
    """An open incident has news since it was analysed. It is on no timeline: nothing has happened to the incident."""

    type = "analysis.due"
