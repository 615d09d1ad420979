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
