"""How hypotheses say no."""

from shared.kernel.errors import Conflict


class EvidenceFull(Conflict):
    title = "The incident holds as much evidence as it can."
