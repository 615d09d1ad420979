"""A session goes on by tokens that are used once, and ends everywhere at once."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from functions.subscriptions import ROUTES
from scripts.proof.functions import QuietRelay
from shared.access import commands, projects, sessions
from shared.access.credentials import authenticate
from shared.access.events import RefreshTokenReplayed, SessionsEnded
from shared.access.refresh_tokens import GRACE, RefreshToken
from shared.access.schemas import LoginIn, RegisterIn
from shared.access.sessions import MAX_SESSION, SESSION_LIFETIME, SignedIn
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import Actor, Role, TenantId
from shared.platform.database import DatabaseAway
from shared.platform.runtime import Runtime
from tests.fixtures import PASSWORD, StoppedClock
from tests.shared.platform.offline import offline
from tests.shared.platform.recording import Log


@pytest.fixture
async def olga(runtime: Runtime) -> SignedIn:
    """Somebody who has just registered."""
    email = f"{uuid4().hex[:12]}@example.com"
    given = RegisterIn(email=email, password=SecretStr(PASSWORD), name="Olga Owner", tenant_name="Example")
    return await commands.register(runtime, given)


@pytest.fixture
async def elsewhere(runtime: Runtime) -> AsyncIterator[Runtime]:
    """Another instance of the product on the same stores, at the same time."""
    built = Runtime.start(runtime.settings, ROUTES, clock=runtime.clock)
    yield replace(built, relay=QuietRelay(built.database, built.queues, built.realtime, built.responses, ROUTES))
    await built.close()


async def actor_of(runtime: Runtime, signed_in: SignedIn) -> Actor:
    return await authenticate(runtime, f"Bearer {signed_in.body.access_token}")


async def is_in(runtime: Runtime, signed_in: SignedIn) -> bool:
    try:
        await actor_of(runtime, signed_in)
    except Unauthenticated:
        return False
    return True


async def refreshed(runtime: Runtime, signed_in: SignedIn) -> SignedIn:
    assert signed_in.refresh_token is not None
    return await sessions.refresh(runtime, signed_in.refresh_token)


async def patiently(runtime: Runtime, signed_in: SignedIn) -> SignedIn:
    """Refresh as clients do: come again when told to, for a slow machine's few connections may all be taken."""
    while True:
        try:
            return await refreshed(runtime, signed_in)
        except DatabaseAway:
            continue


async def test_a_refresh_gives_the_next_token_of_the_same_session(runtime: Runtime, olga: SignedIn) -> None:
    again = await refreshed(runtime, olga)
    assert again.refresh_token != olga.refresh_token
    assert again.body.access_token != olga.body.access_token
    assert (await actor_of(runtime, again)).session_id == (await actor_of(runtime, olga)).session_id
    assert again.body.csrf_token == olga.body.csrf_token


async def test_two_hundred_refreshes_at_once_make_one_lineage(
    runtime: Runtime, elsewhere: Runtime, olga: SignedIn, owner: psycopg.AsyncConnection
) -> None:
    async with asyncio.timeout(60):
        found = await asyncio.gather(*(patiently(one, olga) for one in (runtime, elsewhere) for _ in range(100)))
    assert len({one.refresh_token for one in found}) == 1
    assert await is_in(runtime, found[0])
    rows = await owner.execute("select from sessions where tenant_id = %s", (olga.body.tenant_id,))
    assert rows.rowcount == 1
    assert (await refreshed(runtime, found[0])).refresh_token != found[0].refresh_token


async def test_a_lost_answer_can_be_had_again_for_a_while(
    runtime: Runtime, olga: SignedIn, clock: StoppedClock
) -> None:
    lost = await refreshed(runtime, olga)
    clock.advance(seconds=GRACE.total_seconds())
    assert (await refreshed(runtime, olga)).refresh_token == lost.refresh_token


@pytest.mark.parametrize("generations", [1, 2, 5])
async def test_a_replay_after_that_ends_the_whole_session(
    runtime: Runtime,
    elsewhere: Runtime,
    olga: SignedIn,
    clock: StoppedClock,
    owner: psycopg.AsyncConnection,
    generations: int,
) -> None:
    newest = olga
    for _ in range(generations):
        newest = await refreshed(runtime, newest)
    assert await is_in(elsewhere, newest)
    clock.advance(seconds=GRACE.total_seconds() + 1)
    with pytest.raises(Unauthenticated):
        await refreshed(runtime, olga)
    assert not await is_in(elsewhere, newest)
    with pytest.raises(Unauthenticated):
        await refreshed(runtime, newest)
    (row,) = await Log(owner, olga.body.tenant_id).rows(RefreshTokenReplayed)
    assert row["actor_kind"] == "system"


async def test_a_guess_ends_nothing(runtime: Runtime, olga: SignedIn) -> None:
    token = RefreshToken.read(olga.refresh_token or "")
    for guess in (RefreshToken.first(token.tenant_id, token.session_id), replace(token, session_id=uuid4())):
        with pytest.raises(Unauthenticated):
            await sessions.refresh(runtime, guess.text)
    assert await refreshed(runtime, olga)


async def test_a_token_of_one_tenant_is_nothing_in_another(runtime: Runtime, olga: SignedIn) -> None:
    other = await commands.register(
        runtime,
        RegisterIn(email=f"{uuid4()}@example.com", password=SecretStr(PASSWORD), name="Other", tenant_name="Other"),
    )
    token = RefreshToken.read(olga.refresh_token or "")
    with pytest.raises(Unauthenticated):
        await sessions.refresh(runtime, replace(token, tenant_id=TenantId(other.body.tenant_id)).text)


async def test_of_a_refresh_token_only_a_digest_is_kept(
    runtime: Runtime, olga: SignedIn, owner: psycopg.AsyncConnection
) -> None:
    again = await refreshed(runtime, olga)
    found = await owner.execute("select to_jsonb(s)::text from sessions s where tenant_id = %s", (olga.body.tenant_id,))
    ((row,),) = await found.fetchall()
    for token in (olga.refresh_token, again.refresh_token):
        secret = RefreshToken.read(token or "").secret
        assert secret.hex() not in row
        assert urlsafe_b64encode(secret).decode().rstrip("=") not in row


async def test_a_session_goes_on_while_it_is_used_but_not_for_ever(
    runtime: Runtime, olga: SignedIn, clock: StoppedClock
) -> None:
    newest = olga
    for _ in range(MAX_SESSION // SESSION_LIFETIME):
        clock.advance(days=SESSION_LIFETIME.days, seconds=-1)
        newest = await refreshed(runtime, newest)
        assert newest.lifetime <= SESSION_LIFETIME
    clock.advance(seconds=newest.lifetime.total_seconds())
    with pytest.raises(Unauthenticated):
        await refreshed(runtime, newest)


async def test_an_idle_session_is_over_after_a_week(runtime: Runtime, olga: SignedIn, clock: StoppedClock) -> None:
    clock.advance(seconds=SESSION_LIFETIME.total_seconds())
    with pytest.raises(Unauthenticated):
        await refreshed(runtime, olga)


@pytest.mark.parametrize(
    "change",
    [
        "update users set disabled_at = now() where tenant_id = %s",
        "update project_members set removed_at = now() where tenant_id = %s",
        "update sessions set revoked_at = now() where tenant_id = %s",
    ],
    ids=["disabled", "member of nothing", "signed out"],
)
async def test_who_has_no_access_any_more_refreshes_nothing(
    runtime: Runtime, olga: SignedIn, owner: psycopg.AsyncConnection, change: Any
) -> None:
    await owner.execute(change, (olga.body.tenant_id,))
    with pytest.raises(Unauthenticated):
        await refreshed(runtime, olga)


async def test_signing_out_is_known_to_every_instance_at_once(
    runtime: Runtime, elsewhere: Runtime, olga: SignedIn, owner: psycopg.AsyncConnection
) -> None:
    assert await is_in(elsewhere, olga)  # which now remembers
    await sessions.sign_out(runtime, await actor_of(runtime, olga), everywhere=False)
    assert not await is_in(elsewhere, olga)
    with pytest.raises(Unauthenticated):
        await refreshed(elsewhere, olga)
    (row,) = await Log(owner, olga.body.tenant_id).rows(SessionsEnded)
    assert row["actor_id"] == olga.body.user_id


@pytest.mark.parametrize("everywhere", [True, False])
async def test_signing_out_ends_one_session_or_all(runtime: Runtime, olga: SignedIn, everywhere: bool) -> None:
    other = await commands.sign_in(runtime, LoginIn(email=olga.body.email, password=SecretStr(PASSWORD)))
    assert await is_in(runtime, other)
    await sessions.sign_out(runtime, await actor_of(runtime, olga), everywhere=everywhere)
    assert not await is_in(runtime, olga)
    assert await is_in(runtime, other) is not everywhere


async def test_a_reader_that_was_late_brings_nothing_back(runtime: Runtime, elsewhere: Runtime, olga: SignedIn) -> None:
    """It reads the database before the sign-out and writes to the cache after it."""
    actor = await actor_of(runtime, olga)
    assert actor.tenant_id is not None
    assert actor.session_id is not None
    await sessions.sign_out(runtime, actor, everywhere=False)
    key = sessions._key(actor.tenant_id, actor.session_id)
    await elsewhere.cache.remember(key, "what it read before")
    assert not await is_in(elsewhere, olga)


async def test_what_a_session_stands_for_is_read_from_the_database_once(
    runtime: Runtime, elsewhere: Runtime, olga: SignedIn, owner: psycopg.AsyncConnection
) -> None:
    assert await is_in(runtime, olga)
    await owner.execute("update sessions set revoked_at = now() where tenant_id = %s", (olga.body.tenant_id,))
    assert await is_in(elsewhere, olga)


async def test_without_redis_the_database_says_who_is_in(
    runtime: Runtime, olga: SignedIn, owner: psycopg.AsyncConnection
) -> None:
    lost = runtime.settings.model_copy(update={"redis_url": offline().redis_url})
    alone = Runtime.start(lost, ROUTES, clock=runtime.clock)
    assert await is_in(alone, olga)
    await owner.execute("update sessions set revoked_at = now() where tenant_id = %s", (olga.body.tenant_id,))
    assert not await is_in(alone, olga)
    await alone.close()


async def test_who_left_the_session_s_project_goes_on_in_another(
    runtime: Runtime, olga: SignedIn, owner: psycopg.AsyncConnection
) -> None:
    actor = await actor_of(runtime, olga)
    async with runtime.transaction(actor, privileged=True) as tx:
        second = await projects.create_project(tx, "Second")
    await projects.forget_rights(runtime, actor)
    await owner.execute("update project_members set removed_at = now() where project_id = %s", (olga.body.project_id,))
    again = await refreshed(runtime, olga)
    assert (again.body.project_id, again.body.role) == (second.id, Role.OWNER)
    assert (await actor_of(runtime, again)).project_id == second.id
