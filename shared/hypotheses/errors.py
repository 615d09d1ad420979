"""How hypotheses say no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class HypothesisNotFound(NotFound):
    title = "There is no such hypothesis."


class ReasonNeeded(Invalid):
    title = "A rejection needs a reason."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "reason", "message": "must say why it is rejected"}])


class EvidenceFull(Conflict):
    title = "The incident holds as much evidence as it can."


class AlreadyGenerating(Conflict):
    title = "The hypotheses of this incident are being generated right now."
