"""The words every feature shares: identities, people and what they may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

TenantId = NewType("TenantId", UUID)
ProjectId = NewType("ProjectId", UUID)
UserId = NewType("UserId", UUID)
IntegrationId = NewType("IntegrationId", UUID)
IncidentId = NewType("IncidentId", UUID)
HypothesisId = NewType("HypothesisId", UUID)
ServiceId = NewType("ServiceId", UUID)
WindowId = NewType("WindowId", UUID)


class Role(StrEnum):
    """What a person or an API key is in a project, most powerful first."""

    OWNER = "owner"
    ADMIN = "admin"
    ENGINEER = "engineer"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What an endpoint may need. Roles are granted these in `shared.access.permissions`."""

    TENANT_READ = "tenant:read"
    TENANT_WRITE = "tenant:write"
    PROJECT_READ = "project:read"
    PROJECT_WRITE = "project:write"
    MEMBER_READ = "member:read"
    MEMBER_WRITE = "member:write"
    INCIDENT_READ = "incident:read"
    INCIDENT_TRANSITION = "incident:transition"
    INCIDENT_WRITE = "incident:write"
    COMMENT_MODERATE = "comment:moderate"
    HYPOTHESIS_READ = "hypothesis:read"
    HYPOTHESIS_WRITE = "hypothesis:write"
    INTEGRATION_READ = "integration:read"
    INTEGRATION_WRITE = "integration:write"
    NOTIFICATION_READ = "notification:read"
    NOTIFICATION_WRITE = "notification:write"
    CHANGE_READ = "change:read"
    SERVICE_READ = "service:read"
    SERVICE_WRITE = "service:write"
    MAINTENANCE_READ = "maintenance:read"
    MAINTENANCE_WRITE = "maintenance:write"
    API_KEY_READ = "api_key:read"
    API_KEY_WRITE = "api_key:write"
    AUDIT_READ = "audit:read"
    ALERT_INGEST = "alert:ingest"


class ActorKind(StrEnum):
    """Who may have done something."""

    USER = "user"
    API_KEY = "api_key"
    INTEGRATION = "integration"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever asks, with the credential's tenant and project. The system acts for one tenant at a time.

    `session_id` is a signed-in person's. `token_version` is an ingest token's, for the store to compare with the
    integration's own.
    """

    kind: ActorKind
    id: UUID | None = None
    name: str = ""
    tenant_id: TenantId | None = None
    project_id: ProjectId | None = None
    role: Role | None = None
    permissions: frozenset[Permission] = frozenset()
    session_id: UUID | None = None
    token_version: int = 0


ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS)


def system_actor(tenant_id: TenantId, name: str = "sre-copilot") -> Actor:
    """The product itself, acting inside one tenant."""
    return Actor(kind=ActorKind.SYSTEM, name=name, tenant_id=tenant_id)


class Clock(Protocol):
    """Tells the time. Tests own one."""

    def now(self) -> datetime:
        """Return the current time, UTC and aware."""
        ...


class Ids(Protocol):
    """Makes identifiers. Tests own one."""

    def new(self) -> UUID:
        """Return a new UUIDv7: unique, and ordered by time."""
        ...
