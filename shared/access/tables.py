"""Tenants, their people and projects, and what they sign in with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.platform.tables import Base, TenantTable, project_key, tenant_key

_ROLES = "role in ('owner', 'admin', 'engineer', 'viewer')"


def user_key() -> ForeignKeyConstraint:
    """Return the foreign key of a table whose rows belong to a person, composite with the tenant."""
    return ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE")


class TenantRow(Base):
    """A customer. Without `incident_retention_days` its incidents are kept for ever."""

    __tablename__ = "tenants"
    __table_args__ = (
        CheckConstraint("audit_retention_days between 30 and 3650", name="audit_retention_days"),
        CheckConstraint("rate_limit_per_minute between 60 and 1000000", name="rate_limit_per_minute"),
        CheckConstraint("incident_retention_days between 30 and 3650", name="incident_retention_days"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    encryption_required: Mapped[bool] = mapped_column(server_default="false")
    audit_retention_days: Mapped[int] = mapped_column(server_default="365")
    incident_retention_days: Mapped[int | None]
    legal_hold: Mapped[bool] = mapped_column(server_default="false")
    rate_limit_per_minute: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class UserRow(TenantTable, Base):
    """A person. E-mail addresses are unique over all tenants, so only the system role may write them."""

    __tablename__ = "users"
    __table_args__ = (
        tenant_key(),
        Index("uq_users_email", "email", unique=True),
        CheckConstraint("tenant_role in ('owner', 'member')", name="tenant_role"),
    )

    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    tenant_role: Mapped[str]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ProjectRow(TenantTable, Base):
    __tablename__ = "projects"
    __table_args__ = (tenant_key(),)

    name: Mapped[str]
    policies: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class MemberRow(TenantTable, Base):
    """A person's role in a project (`id` is the membership's own). Who was removed keeps the row, and may return."""

    __tablename__ = "project_members"
    __table_args__ = (
        project_key(),
        user_key(),
        Index("uq_project_members_user", "tenant_id", "project_id", "user_id", unique=True),
        CheckConstraint(_ROLES, name="role"),
    )

    project_id: Mapped[UUID]
    user_id: Mapped[UUID]
    role: Mapped[str]
    removed_at: Mapped[datetime | None]


class InvitationRow(TenantTable, Base):
    """A role in a project that waits for somebody new. Only digests of the links' secrets are kept.

    `secret_digest` is of the link that the inviter was shown, `mailed_digest` of the one that went out by e-mail.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        project_key(),
        Index("ix_invitations_project", "tenant_id", "project_id"),
        CheckConstraint(_ROLES, name="role"),
    )

    project_id: Mapped[UUID]
    email: Mapped[str]
    role: Mapped[str]
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary)
    mailed_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class PasswordResetRow(TenantTable, Base):
    """A link by which a person may choose another password, once. Its use uses up all others of theirs."""

    __tablename__ = "password_resets"
    __table_args__ = (
        user_key(),
        Index("ix_password_resets_user", "tenant_id", "user_id"),
        Index("ix_password_resets_expires", "expires_at"),
    )

    user_id: Mapped[UUID]
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SessionRow(TenantTable, Base):
    """One sign-in, in one project at a time. Its access tokens carry its id, so ending it ends them.

    `refresh_digest` is of the one refresh token that is good now, given at `refreshed_at`.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        user_key(),
        project_key(),
        Index("ix_sessions_user", "tenant_id", "user_id"),
        Index("ix_sessions_expires", "expires_at"),
    )

    user_id: Mapped[UUID]
    project_id: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    refresh_digest: Mapped[bytes] = mapped_column(LargeBinary)
    refreshed_at: Mapped[datetime]


class ApiKeyRow(TenantTable, Base):
    """A program's credential. Only a digest of its secret is kept, and its last use to the minute."""

    __tablename__ = "api_keys"
    __table_args__ = (
        project_key(),
        Index("ix_api_keys_project", "tenant_id", "project_id"),
        CheckConstraint(_ROLES, name="role"),
    )

    project_id: Mapped[UUID]
    name: Mapped[str]
    role: Mapped[str]
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
