"""How hypotheses say no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class HypothesisNotFound(NotFound):
    title = "Hypothesis not found."


class ReasonNeeded(Invalid):
    title = "A rejection requires a reason."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "reason", "message": "must say why it is rejected"}])


class EvidenceFull(Conflict):
    title = "The incident has reached the maximum amount of evidence."


class AlreadyGenerating(Conflict):
    title = "Hypotheses for this incident are already being generated."
