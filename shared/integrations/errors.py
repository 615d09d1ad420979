"""How integrations say no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class IntegrationNotFound(NotFound):
    title = "Integration not found."


class IntegrationEnded(Conflict):
    title = "The integration was revoked. Create a new one."


class NoBaseUrl(Conflict):
    title = "The integration has no base URL."


class CredentialsNeeded(Invalid):
    """Stored credentials must not follow a base URL that somebody points elsewhere, perhaps to themselves."""

    title = "A new address requires entering its credentials again."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "credentials", "message": "must be given with another address, or be null"}])
