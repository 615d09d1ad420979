import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.access.credentials import ingest_actor
from shared.access.schemas import SignedInOut
from shared.integrations import commands
from shared.integrations.errors import IntegrationNotFound
from shared.integrations.events import IntegrationCreated, IntegrationRevoked, TokenRotated
from shared.integrations.schemas import IntegrationIn, IntegrationOut
from shared.integrations.tables import IntegrationRow
from shared.integrations.values import WEBHOOKS, IntegrationKind
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.cache import Cache
from shared.platform.runtime import Runtime, Tx
from tests.fixtures import App, Tenant, payload, sign_up
from tests.shared.platform.offline import offline
from tests.shared.platform.recording import Log


@asynccontextmanager
async def transaction(runtime: Runtime, account: SignedInOut) -> AsyncIterator[tuple[Tx, ProjectId]]:
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        yield tx, ProjectId(account.project_id)


async def make(
    runtime: Runtime, account: SignedInOut, kind: IntegrationKind = IntegrationKind.ALERTMANAGER
) -> IntegrationRow:
    async with transaction(runtime, account) as (tx, project):
        row = await commands.create_integration(tx, runtime.vault, project, IntegrationIn(kind=kind, name="main"))
    await commands.publish_version(runtime, row)
    return row


async def rotate(runtime: Runtime, account: SignedInOut, integration_id: UUID) -> IntegrationRow:
    async with transaction(runtime, account) as (tx, project):
        return await commands.rotate_token(tx, project, integration_id)


async def revoke(runtime: Runtime, account: SignedInOut, integration_id: UUID) -> IntegrationRow:
    async with transaction(runtime, account) as (tx, project):
        return await commands.revoke_integration(tx, project, integration_id)


@pytest.mark.parametrize("kind", IntegrationKind)
async def test_an_integration_says_where_its_sender_posts(
    runtime: Runtime, account: SignedInOut, kind: IntegrationKind
) -> None:
    out = IntegrationOut.of(await make(runtime, account, kind))
    assert (out.kind, out.webhook_path, out.revoked_at) == (kind, WEBHOOKS.get(kind), None)


async def test_a_token_says_all_that_admitting_a_webhook_needs(runtime: Runtime, account: SignedInOut) -> None:
    row = await make(runtime, account)
    actor = ingest_actor(runtime, commands.ingest_token(runtime, row))
    assert (actor.id, actor.tenant_id, actor.project_id, actor.token_version) == (
        row.id,
        account.tenant_id,
        account.project_id,
        1,
    )


async def test_every_change_is_recorded_once(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    row = await make(runtime, account)
    await rotate(runtime, account, row.id)
    first = await revoke(runtime, account, row.id)
    second = await revoke(runtime, account, row.id)
    assert first.revoked_at == second.revoked_at
    log = Log(owner, account.tenant_id)
    for event in (IntegrationCreated, TokenRotated, IntegrationRevoked):
        assert [found["subject_id"] for found in await log.rows(event)] == [row.id]


async def test_a_revoked_integration_stays_listed(runtime: Runtime, account: SignedInOut) -> None:
    rows = [await make(runtime, account) for _ in range(3)]
    await revoke(runtime, account, rows[0].id)
    async with transaction(runtime, account) as (tx, project):
        listed = await commands.list_integrations(tx, project)
    assert [row.id for row in listed] == [row.id for row in rows[::-1]]


async def test_nobody_touches_an_integration_of_another_project_or_tenant(
    runtime: Runtime, account: SignedInOut
) -> None:
    row = await make(runtime, account)
    other = await sign_up(runtime)
    for change in (rotate, revoke):
        for stranger in (other, account.model_copy(update={"project_id": uuid4()})):
            with pytest.raises(IntegrationNotFound):
                await change(runtime, stranger, row.id)
    async with transaction(runtime, other) as (tx, _):
        assert await commands.list_integrations(tx, ProjectId(account.project_id)) == []


async def test_the_cache_knows_which_tokens_hold_no_more(runtime: Runtime, account: SignedInOut) -> None:
    row = await make(runtime, account)
    assert not await commands.is_refused_by_cache(runtime, row.id, 1)
    await commands.publish_version(runtime, await rotate(runtime, account, row.id))
    assert await commands.is_refused_by_cache(runtime, row.id, 1)
    assert not await commands.is_refused_by_cache(runtime, row.id, 2)
    await commands.publish_version(runtime, await revoke(runtime, account, row.id))
    assert await commands.is_refused_by_cache(runtime, row.id, 2)


async def test_a_cache_that_missed_a_rotation_refuses_no_new_token(runtime: Runtime, account: SignedInOut) -> None:
    row = await make(runtime, account)
    await rotate(runtime, account, row.id)
    assert not await commands.is_refused_by_cache(runtime, row.id, 2)


async def test_a_cache_that_knows_nothing_or_is_away_refuses_nobody(runtime: Runtime) -> None:
    assert not await commands.is_refused_by_cache(runtime, uuid4(), 1)
    away = replace(runtime, cache=Cache(offline()))
    began = time.monotonic()
    assert not await commands.is_refused_by_cache(away, uuid4(), 1)
    assert time.monotonic() - began < 0.5
    await away.cache.close()


async def test_rotating_ends_the_old_token_and_revoking_ends_all(app: App, tenant: Tenant) -> None:
    async def post(token: str) -> int:
        body = payload("alertmanager-firing")
        return (await app.call("POST", "webhooks/alertmanager", body, token=token)).status

    path = f"integrations/{tenant.integration_id}"
    assert await post(tenant.ingest_token) == 202
    rotated = (await app.call("POST", f"{path}/rotate", token=tenant.token)).json["token"]
    assert (await post(tenant.ingest_token), await post(rotated)) == (401, 202)
    await app.call("DELETE", path, token=tenant.token)
    assert (await post(tenant.ingest_token), await post(rotated)) == (401, 401)
