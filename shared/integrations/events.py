"""What happens to integrations."""

from shared.kernel.events import Event


class IntegrationCreated(Event):
    type = "integration.created"


class IntegrationUpdated(Event):
    type = "integration.updated"


class TokenRotated(Event):
    type = "integration.token_rotated"


class IntegrationRevoked(Event):
    type = "integration.revoked"
