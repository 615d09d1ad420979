"""How integrations say no."""

from shared.kernel.errors import NotFound


class IntegrationNotFound(NotFound):
    title = "There is no such integration."
