from uuid import UUID

import psycopg

from shared.access.schemas import SignedInOut
from shared.kernel.values import TenantId, system_actor
from shared.platform.dead_letters import bury
from shared.platform.runtime import Runtime


async def letters(owner: psycopg.AsyncConnection, tenant_id: UUID) -> list[tuple[str, str, str]]:
    found = await owner.execute(
        "select source, reason, content from dead_letters where tenant_id = %s order by id", (tenant_id,)
    )
    return await found.fetchall()


async def keep(runtime: Runtime, account: SignedInOut, *, reason: str, content: str) -> None:
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        await bury(tx, project_id=account.project_id, source="alerts", reason=reason, content=content)


async def test_the_same_letter_is_kept_once(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    for reason in ("No labels.", "No labels.", "No start."):
        await keep(runtime, account, reason=reason, content="{}")
    assert await letters(owner, account.tenant_id) == [("alerts", "No labels.", "{}"), ("alerts", "No start.", "{}")]


async def test_whatever_a_letter_holds_it_can_be_kept(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    await keep(runtime, account, reason="NUL", content="a\x00b")
    await keep(runtime, account, reason="long", content="é" * 200_000)
    (_, _, nul), (_, _, cut) = await letters(owner, account.tenant_id)
    assert nul == "a�b"
    assert cut == "é" * 65_536
