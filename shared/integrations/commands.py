"""Create integrations, list them, rotate their tokens, end them."""

from collections.abc import Sequence
from uuid import UUID

from shared.access.credentials import INGEST_PREFIX
from shared.integrations.errors import IntegrationNotFound
from shared.integrations.events import IntegrationCreated, IntegrationRevoked, TokenRotated
from shared.integrations.schemas import IntegrationIn
from shared.integrations.tables import IntegrationRow
from shared.kernel.values import ProjectId
from shared.platform.runtime import Runtime, Tx
from shared.platform.tokens import Kind

REVOKED = "revoked"


async def create_integration(tx: Tx, project_id: ProjectId, given: IntegrationIn) -> IntegrationRow:
    """Make an integration."""
    row = IntegrationRow(
        tenant_id=tx.tenant_id,
        id=tx.ids.new(),
        project_id=project_id,
        kind=given.kind.value,
        name=given.name,
        token_version=1,
        created_at=tx.now,
    )
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


async def rotate_token(tx: Tx, project_id: ProjectId, integration_id: UUID) -> IntegrationRow:
    """End the tokens given so far, so that a new one can be signed. Raises `IntegrationNotFound`."""
    row = await _locked(tx, project_id, integration_id)
    row.token_version += 1
    tx.record(TokenRotated(project_id=project_id, subject_id=row.id, data={"name": row.name}))
    return row


async def revoke_integration(tx: Tx, project_id: ProjectId, integration_id: UUID) -> IntegrationRow:
    """End an integration for good; it stays listed. Raises `IntegrationNotFound`."""
    row = await _locked(tx, project_id, integration_id)
    if row.revoked_at is None:
        row.revoked_at = tx.now
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
    await runtime.cache.set(_version_key(row.id), REVOKED if row.revoked_at else str(row.token_version))


async def is_refused_by_cache(runtime: Runtime, integration_id: UUID, version: int) -> bool:
    """Whether the cache knows that a token of this version holds no more.

    It may not know, or know an older version, for what it was told while it was away is lost.
    """
    known = await runtime.cache.get(_version_key(integration_id))
    return known is not None and (known == REVOKED or version < int(known))


async def _locked(tx: Tx, project_id: ProjectId, integration_id: UUID) -> IntegrationRow:
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
