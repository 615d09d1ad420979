"""What a tenant's owner has decided about its calls, known to every process without asking the database each time."""

from typing import Final

from sqlalchemy import select

from shared.access.errors import SealingRequired
from shared.access.schemas import TenantRules
from shared.access.tables import TenantRow
from shared.kernel.values import TenantId, system_actor
from shared.platform.runtime import Runtime

_MISSING: Final = (
    "Seal the body for a key of .well-known/jwks.json and send it as application/jose; a request without a body is "
    "sealed in the header Sealed-Request. Either names the key that the answer is sealed for."
)


async def rules_of(runtime: Runtime, tenant_id: TenantId) -> TenantRules:
    """Return what holds for calls of a tenant now."""
    known = await runtime.cache.get(_key(tenant_id))
    if known:
        return TenantRules.model_validate_json(known)
    columns = select(TenantRow.encryption_required, TenantRow.rate_limit_per_minute)
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        is_required, limit = (await tx.session.execute(columns.where(TenantRow.id == tx.tenant_id))).one()
    rules = TenantRules(encryption_required=is_required, rate_limit_per_minute=limit)
    await runtime.cache.remember(_key(tenant_id), rules.model_dump_json())
    return rules


def check_sealed(rules: TenantRules) -> None:
    """Let a plain request pass where the tenant allows one. Raises `SealingRequired`."""
    if rules.encryption_required:
        raise SealingRequired(_MISSING)


async def forget_rules(runtime: Runtime, tenant_id: TenantId) -> None:
    """Make every process read a tenant's rules anew. Call it after the commit."""
    await runtime.cache.forget(_key(tenant_id))


def _key(tenant_id: TenantId) -> str:
    return f"tenant_rules:{tenant_id}"
