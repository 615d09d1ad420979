"""What happens to tenants and credentials."""

from shared.kernel.events import Event


class TenantRegistered(Event):
    type = "tenant.registered"


class ApiKeyCreated(Event):
    type = "api_key.created"


class ApiKeyRevoked(Event):
    type = "api_key.revoked"


class TenantUpdated(Event):
    type = "tenant.updated"


class ProjectCreated(Event):
    type = "project.created"


class ProjectUpdated(Event):
    type = "project.updated"


class MemberChanged(Event):
    """Somebody was given a role in a project, the first one or another."""

    type = "member.changed"


class MemberRemoved(Event):
    type = "member.removed"


class InvitationCreated(Event):
    type = "invitation.created"


class InvitationRevoked(Event):
    type = "invitation.revoked"


class InvitationAccepted(Event):
    type = "invitation.accepted"


class UserUpdated(Event):
    type = "user.updated"


class PasswordChanged(Event):
    type = "password.changed"


class PasswordResetRequested(Event):
    """Somebody says that a person forgot their password: they are sent a link. The event knows no link."""

    type = "password.reset_requested"


class PasswordReset(Event):
    """A person chose another password by the link that they were sent."""

    type = "password.reset"


class SessionsEnded(Event):
    type = "sessions.ended"


class RefreshTokenReplayed(Event):
    """A refresh token was used again long after its use: it, or its successor, was stolen."""

    type = "refresh_token.replayed"
