"""Whether a tenant takes sealed requests only, as its owner decides."""

from typing import Final

from sqlalchemy import select

from shared.access.errors import SealingRequired
from shared.access.tables import TenantRow
from shared.kernel.values import TenantId, system_actor
from shared.platform.runtime import Runtime

_REMEMBERED_SECONDS: Final = 10
_MISSING: Final = (
    "Seal the body for a key of .well-known/jwks.json and send it as application/jose; a request without a body is "
    "sealed in the header Sealed-Request. Either names the key that the answer is sealed for."
)
_YES: Final = "1"
_NO: Final = "0"
# Whoever read before a change does not write over what the change said.
_REMEMBER: Final = "return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2], 'NX')"


async def check_sealed(runtime: Runtime, tenant_id: TenantId) -> None:
    """Let a plain request pass where the tenant allows one. Raises `SealingRequired`."""
    known = await runtime.cache.get(_key(tenant_id))
    if not known:
        async with runtime.transaction(system_actor(tenant_id)) as tx:
            is_required = await tx.session.scalar(
                select(TenantRow.encryption_required).where(TenantRow.id == tx.tenant_id)
            )
        known = _YES if is_required else _NO
        await runtime.cache.run(_REMEMBER, [_key(tenant_id)], [known, _REMEMBERED_SECONDS])
    if known == _YES:
        raise SealingRequired(_MISSING)


async def announce(runtime: Runtime, tenant_id: TenantId, *, is_required: bool) -> None:
    """Tell every process of a decision at once. Call it after the commit."""
    await runtime.cache.set(_key(tenant_id), _YES if is_required else _NO, seconds=_REMEMBERED_SECONDS)


def _key(tenant_id: TenantId) -> str:
    return f"sealing_required:{tenant_id}"
