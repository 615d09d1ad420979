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


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantUpdated(Event):
    type = "tenant.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCreated(Event):
    type = "project.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectUpdated(Event):
    type = "project.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """Somebody was given a role in a project, the first one or another."""

    type = "member.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(Event):
    type = "member.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationCreated(Event):
    type = "invitation.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRevoked(Event):
    type = "invitation.revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAccepted(Event):
    type = "invitation.accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUpdated(Event):
    type = "user.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    type = "password.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event):
    """Somebody says that a person forgot their password: they are sent a link. The event knows no link."""

    type = "password.reset_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(Event):
    """A person chose another password by the link that they were sent."""

    type = "password.reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    type = "sessions.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenReplayed(Event):
    """A refresh token was used again long after its use: it, or its successor, was stolen."""

    type = "refresh_token.replayed"
