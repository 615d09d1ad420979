"""Accounts, sign-in and API keys on the wire."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr

from shared.access.tables import ApiKeyRow
from shared.kernel.values import Actor, ActorKind, Permission, Role
from shared.platform.wire import Line, Time, Wire


def _email(text: str) -> str:
    """Addresses are compared without case; whether one exists, only a letter to it can tell."""
    name, at, host = text.lower().rpartition("@")
    if not (name and at and "." in host) or any(c.isspace() for c in text):
        raise ValueError("must be an e-mail address")
    return text.lower()


Email = Annotated[Line, Field(min_length=3, max_length=254), AfterValidator(_email)]
Name = Annotated[Line, Field(min_length=1, max_length=200)]


class RegisterIn(Wire):
    email: Email
    password: Annotated[SecretStr, Field(min_length=12, max_length=256)]
    name: Name
    tenant_name: Name


class LoginIn(Wire):
    email: Email
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]


class SignedInOut(Wire):
    """Who is signed in, where, and the token that says so. `expires_in` is in seconds."""

    user_id: UUID
    email: str
    name: str
    tenant_id: UUID
    project_id: UUID
    role: Role
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, not a secret
    expires_in: int


class CallerOut(Wire):
    """Whose credential this is."""

    kind: ActorKind
    id: UUID | None
    name: str
    tenant_id: UUID | None
    project_id: UUID | None
    role: Role | None
    permissions: list[Permission]

    @classmethod
    def of(cls, actor: Actor) -> Self:
        return cls(
            kind=actor.kind,
            id=actor.id,
            name=actor.name,
            tenant_id=actor.tenant_id,
            project_id=actor.project_id,
            role=actor.role,
            permissions=sorted(actor.permissions),
        )


class ApiKeyIn(Wire):
    name: Name
    role: Role
    expires_in_days: Annotated[int, Field(ge=1, le=3_650)] | None = None


class ApiKeyOut(Wire):
    id: UUID
    name: str
    role: Role
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None

    @classmethod
    def of(cls, row: ApiKeyRow) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            role=Role(row.role),
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )


class ApiKeyCreatedOut(ApiKeyOut):
    """`key` is shown this once."""

    key: str

    @classmethod
    def with_key(cls, row: ApiKeyRow, key: str) -> Self:
        return cls(**ApiKeyOut.of(row).model_dump(), key=key)
