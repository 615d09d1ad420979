"""What happens to hypotheses."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisGenerated(Event):
    """An analysis run has published what it found."""

    type = "hypothesis.generated"
