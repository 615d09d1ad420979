"""Create integrations, look at them, change them, rotate their tokens, end them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from shared.access.credentials import INGEST_PREFIX
from shared.integrations.errors import CredentialsNeeded, IntegrationEnded, IntegrationNotFound
from shared.integrations.events import IntegrationCreated, IntegrationRevoked, IntegrationUpdated, TokenRotated
from shared.integrations.schemas import BasicIn, BearerIn, IntegrationIn, IntegrationPatch
from shared.integrations.tables import IntegrationRow
from shared.integrations.values import token_holds
from shared.kernel.errors import check_version
from shared.kernel.values import ProjectId
from shared.platform.outbound import target_of
from shared.platform.runtime import Runtime, Tx
from shared.platform.tokens import Kind
from shared.platform.vault import Place, Vault

REVOKED: Final = "revoked"


async def create_integration(tx: Tx, vault: Vault, project_id: ProjectId, given: IntegrationIn) -> IntegrationRow:
    """Make an integration."""
    row = IntegrationRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        project_id=project_id,
        kind=given.kind.value,
        name=given.name,
        base_url=given.base_url,
        version=1,
        token_version=1,
        created_at=tx.now,
    )
    row.credentials = _sealed(vault, row, given.credentials)
    tx.session.add(row)
    tx.record(
        IntegrationCreated(
            project_id=project_id, subject_id=row.id, data={"kind": given.kind.value, "name": given.name}
        )
    )
    return row


async def list_integrations(tx: Tx, project_id: ProjectId) -> Sequence[IntegrationRow]:
    """Return the project's integrations, newest first."""
    found = await tx.session.scalars(
        tx.select(IntegrationRow).where(IntegrationRow.project_id == project_id).order_by(IntegrationRow.id.desc())
    )
    return found.all()


async def get_integration(tx: Tx, project_id: ProjectId, integration_id: UUID) -> IntegrationRow:
    """Return an integration, also a revoked one. Raises `IntegrationNotFound`."""
    row = await tx.session.scalar(
        tx.select(IntegrationRow).where(IntegrationRow.project_id == project_id, IntegrationRow.id == integration_id)
    )
    if row is None:
        raise IntegrationNotFound
    return row


async def update_integration(
    tx: Tx,
    vault: Vault,
    project_id: ProjectId,
    integration_id: UUID,
    given: IntegrationPatch,
    *,
    expected: int | None = None,
) -> IntegrationRow:
    """Change what `given` names.

    Raises `IntegrationNotFound`, `IntegrationEnded`, `StaleVersion`, `CredentialsNeeded`.
    """
    row = await _locked(tx, project_id, integration_id, expected)
    before = _shown(row)
    changes_credentials = "credentials" in given.model_fields_set
    if "name" in given.model_fields_set:
        row.name = given.name
    if "base_url" in given.model_fields_set:
        if row.credentials and not changes_credentials and _leads_elsewhere(row.base_url, given.base_url):
            raise CredentialsNeeded
        row.base_url = given.base_url
    if changes_credentials:
        row.credentials = _sealed(vault, row, given.credentials)
    after = _shown(row)
    changes = {field: (before[field], after[field]) for field in before if before[field] != after[field]}
    if changes or changes_credentials:
        row.version += 1
        tx.record(
            IntegrationUpdated(
                project_id=project_id,
                subject_id=row.id,
                data={"name": row.name, "credentials_changed": changes_credentials},
                changes=changes,
            )
        )
    return row


async def rotate_token(
    tx: Tx, project_id: ProjectId, integration_id: UUID, *, grace: timedelta = timedelta(0), expected: int | None = None
) -> IntegrationRow:
    """End the tokens given so far, so that a new one can be signed; the last one given still holds for `grace`.

    Raises `IntegrationNotFound`, `IntegrationEnded`, `StaleVersion`.
    """
    row = await _locked(tx, project_id, integration_id, expected)
    row.token_version += 1
    row.previous_until = tx.now + grace if grace else None
    row.version += 1
    tx.record(
        TokenRotated(
            project_id=project_id,
            subject_id=row.id,
            data={"name": row.name, "grace_seconds": int(grace.total_seconds())},
        )
    )
    return row


async def revoke_integration(tx: Tx, project_id: ProjectId, integration_id: UUID) -> IntegrationRow:
    """End an integration for good; it stays listed, without its credentials. Raises `IntegrationNotFound`."""
    row = await _found(tx, project_id, integration_id)
    if row.revoked_at is None:
        row.revoked_at, row.credentials, row.version = tx.now, None, row.version + 1
        tx.record(IntegrationRevoked(project_id=project_id, subject_id=row.id, data={"name": row.name}))
    return row


def ingest_token(runtime: Runtime, row: IntegrationRow) -> str:
    """Return a token of the integration's current version. It says all that admitting a webhook needs to know."""
    claims = {
        "integration_id": str(row.id),
        "tenant_id": str(row.tenant_id),
        "project_id": str(row.project_id),
        "version": row.token_version,
    }
    return INGEST_PREFIX + runtime.tokens.sign(Kind.INGEST, claims, now=runtime.clock.now())


async def publish_version(runtime: Runtime, row: IntegrationRow) -> None:
    """Tell the cache which tokens still hold, for the time when the database cannot say."""
    grace = f":{row.previous_until.timestamp()}" if row.previous_until else ""
    await runtime.cache.set(_version_key(row.id), REVOKED if row.revoked_at else f"{row.token_version}{grace}")


async def is_refused_by_cache(runtime: Runtime, integration_id: UUID, version: int) -> bool:
    """Whether the cache knows that a token of this version holds no more.

    It may not know, or know an older version, for what it was told while it was away is lost.
    """
    known = await runtime.cache.get(_version_key(integration_id))
    if known is None or known == REVOKED:
        return known == REVOKED
    current, _, grace = known.partition(":")
    until = datetime.fromtimestamp(float(grace), UTC) if grace else None
    now = runtime.clock.now()
    return version < int(current) and not token_holds(version, current=int(current), previous_until=until, now=now)


def credentials_place(row: IntegrationRow) -> Place:
    """Return where an integration's credentials are stored, to which they are bound."""
    return Place(tenant_id=row.tenant_id, table=row.__tablename__, column="credentials", row_id=row.id)


def _sealed(vault: Vault, row: IntegrationRow, credentials: BearerIn | BasicIn | None) -> str | None:
    return vault.seal(credentials.authorization(), credentials_place(row)) if credentials else None


def _leads_elsewhere(before: str | None, after: str | None) -> bool:
    return (before and target_of(before)) != (after and target_of(after))


def _shown(row: IntegrationRow) -> dict[str, Any]:
    return {"name": row.name, "base_url": row.base_url, "has_credentials": row.credentials is not None}


async def _locked(tx: Tx, project_id: ProjectId, integration_id: UUID, expected: int | None) -> IntegrationRow:
    row = await _found(tx, project_id, integration_id)
    if row.revoked_at is not None:
        raise IntegrationEnded
    check_version(row.version, expected)
    return row


async def _found(tx: Tx, project_id: ProjectId, integration_id: UUID) -> IntegrationRow:
    row = await tx.session.scalar(
        tx.select(IntegrationRow)
        .where(IntegrationRow.project_id == project_id, IntegrationRow.id == integration_id)
        .with_for_update()
    )
    if row is None:
        raise IntegrationNotFound
    return row


def _version_key(integration_id: UUID) -> str:
    return f"integration:{integration_id}:version"
