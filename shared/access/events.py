"""What happens to tenants and credentials."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRegistered(Event):
    type = "tenant.registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyCreated(Event):
    type = "api_key.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked(Event):
    type = "api_key.revoked"
