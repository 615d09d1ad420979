"""What happens to integrations."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationCreated(Event):
    type = "integration.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationUpdated(Event):
    type = "integration.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRotated(Event):
    type = "integration.token_rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationRevoked(Event):
    type = "integration.revoked"
