"""Accounts, sign-in and API keys on the wire."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, StrictBool

from shared.access.tables import ApiKeyRow, InvitationRow, ProjectRow, TenantRow, UserRow
from shared.kernel.values import Actor, ActorKind, Permission, Role
from shared.platform.wire import Line, Name, Time, Wire


def _email(text: str) -> str:
    """Addresses are compared without case; whether one exists, only a letter to it can tell."""
    name, at, host = text.lower().rpartition("@")
    if not (name and at and "." in host) or any(c.isspace() for c in text):
        raise ValueError("must be an e-mail address")
    return text.lower()


Email = Annotated[Line, Field(min_length=3, max_length=254), AfterValidator(_email)]
NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=256)]


class RegisterIn(Wire):
    email: Email
    password: NewPassword
    name: Name
    tenant_name: Name


class LoginIn(Wire):
    email: Email
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]


class SignedInOut(Wire):
    """Who is signed in, where, and the token that says so. `expires_in` is in seconds.

    Whoever is known by cookie sends `csrf_token` as `X-CSRF-Token` with every request that changes something.
    """

    user_id: UUID
    email: str
    name: str
    tenant_id: UUID
    project_id: UUID
    role: Role
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, not a secret
    expires_in: int
    csrf_token: str


class SessionState(Wire):
    """What a session stands for: whose it is, and their role in each of their projects."""

    user_id: UUID
    email: str
    owns_tenant: bool
    expires_at: datetime
    roles: dict[UUID, Role]


class TenantRules(Wire):
    """What holds for every call of a tenant; without a `rate_limit_per_minute`, the deployment's own."""

    encryption_required: bool
    rate_limit_per_minute: int | None


class LogoutIn(Wire):
    """`everywhere` ends all sessions of the person, not only this one."""

    everywhere: StrictBool = False


class PasswordIn(Wire):
    current_password: Annotated[SecretStr, Field(min_length=1, max_length=256)]
    new_password: NewPassword


class ForgotPasswordIn(Wire):
    email: Email


class ResetPasswordIn(Wire):
    """`token` is the one of the link."""

    token: Annotated[SecretStr, Field(max_length=200)]
    password: NewPassword


class SwitchProjectIn(Wire):
    project_id: UUID


class CallerOut(Wire):
    """Whose credential this is. `email` and `csrf_token` are a signed-in person's."""

    kind: ActorKind
    id: UUID | None
    name: str
    email: str | None
    tenant_id: UUID | None
    project_id: UUID | None
    role: Role | None
    permissions: list[Permission]
    csrf_token: str | None

    @classmethod
    def of(cls, actor: Actor, *, name: str | None = None, csrf_token: str | None = None) -> Self:
        return cls(
            kind=actor.kind,
            id=actor.id,
            name=actor.name if name is None else name,
            email=actor.name if actor.kind is ActorKind.USER else None,
            tenant_id=actor.tenant_id,
            project_id=actor.project_id,
            role=actor.role,
            permissions=sorted(actor.permissions),
            csrf_token=csrf_token,
        )


class NameIn(Wire):
    """The name of a project."""

    name: Name


_NULLABLE: Final = frozenset({"incident_retention_days", "rate_limit_per_minute"})


class TenantPatch(Wire):
    """What is named changes. With `encryption_required`, plain requests of signed-in people and programs are refused.

    Webhooks, and whatever needs no credential, may always be plain. `audit_retention_days` is how long the audit is
    kept, and `incident_retention_days` how long incidents are that are over: null for ever. Under a `legal_hold`
    nothing of either is deleted. `rate_limit_per_minute` is how often people and programs may call together, webhooks
    aside: it can only be less than the deployment's own limit, which null leaves alone.
    """

    name: Name | None = None
    encryption_required: bool | None = None
    audit_retention_days: Annotated[int, Field(ge=30, le=3_650)] | None = None
    incident_retention_days: Annotated[int, Field(ge=30, le=3_650)] | None = None
    legal_hold: StrictBool | None = None
    rate_limit_per_minute: Annotated[int, Field(ge=60, le=1_000_000)] | None = None

    def wanted(self) -> dict[str, Any]:
        """Return what is to be from now on. Null says so only where there may be nothing."""
        named = self.model_dump(exclude_unset=True)
        return {name: value for name, value in named.items() if value is not None or name in _NULLABLE}


class TenantOut(Wire):
    id: UUID
    name: str
    encryption_required: bool
    audit_retention_days: int
    incident_retention_days: int | None
    legal_hold: bool
    rate_limit_per_minute: int | None
    version: int
    created_at: Time

    @classmethod
    def of(cls, row: TenantRow) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            encryption_required=row.encryption_required,
            audit_retention_days=row.audit_retention_days,
            incident_retention_days=row.incident_retention_days,
            legal_hold=row.legal_hold,
            rate_limit_per_minute=row.rate_limit_per_minute,
            version=row.version,
            created_at=row.created_at,
        )


class ProjectOut(Wire):
    id: UUID
    name: str
    version: int
    created_at: Time

    @classmethod
    def of(cls, row: ProjectRow) -> Self:
        return cls(id=row.id, name=row.name, version=row.version, created_at=row.created_at)


class UserIn(Wire):
    """A disabled person is signed out everywhere and cannot sign in; their roles wait.

    The API keys and open invitations that they made end, for good.
    """

    disabled: StrictBool


class UserOut(Wire):
    """Somebody of the tenant, in whichever projects."""

    id: UUID
    email: str
    name: str
    owns_tenant: bool
    created_at: Time
    disabled_at: Time | None

    @classmethod
    def of(cls, row: UserRow) -> Self:
        return cls(
            id=row.id,
            email=row.email,
            name=row.name,
            owns_tenant=row.tenant_role == "owner",
            created_at=row.created_at,
            disabled_at=row.disabled_at,
        )


class MemberIn(Wire):
    role: Role


class MemberOut(Wire):
    """Somebody in a project."""

    user_id: UUID
    email: str
    name: str
    role: Role
    disabled_at: Time | None

    @classmethod
    def of(cls, user: UserRow, role: Role) -> Self:
        return cls(user_id=user.id, email=user.email, name=user.name, role=role, disabled_at=user.disabled_at)


class InvitationIn(Wire):
    email: Email
    role: Role


class InvitationOut(Wire):
    id: UUID
    project_id: UUID
    email: str
    role: Role
    created_at: Time
    expires_at: Time
    accepted_at: Time | None
    revoked_at: Time | None

    @classmethod
    def of(cls, row: InvitationRow) -> Self:
        return cls(
            id=row.id,
            project_id=row.project_id,
            email=row.email,
            role=Role(row.role),
            created_at=row.created_at,
            expires_at=row.expires_at,
            accepted_at=row.accepted_at,
            revoked_at=row.revoked_at,
        )


class InvitationCreatedOut(InvitationOut):
    """`token` is shown this once, for the link that newcomers are sent."""

    token: str

    @classmethod
    def with_token(cls, row: InvitationRow, token: str) -> Self:
        return cls(**InvitationOut.of(row).model_dump(), token=token)


class AcceptInvitationIn(Wire):
    token: Annotated[SecretStr, Field(max_length=200)]
    name: Name
    password: NewPassword


class ApiKeyIn(Wire):
    name: Name
    role: Role
    expires_in_days: Annotated[int, Field(ge=1, le=3_650)] | None = None


class ApiKeyOut(Wire):
    """A key without its secret. `last_used_at` is right to the minute."""

    id: UUID
    name: str
    role: Role
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    last_used_at: Time | None

    @classmethod
    def of(cls, row: ApiKeyRow) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            role=Role(row.role),
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            last_used_at=row.last_used_at,
        )


class ApiKeyCreatedOut(ApiKeyOut):
    """`key` is shown this once."""

    key: str

    @classmethod
    def with_key(cls, row: ApiKeyRow, key: str) -> Self:
        return cls(**ApiKeyOut.of(row).model_dump(), key=key)
