"""Whatever is wrong with a credential, it is nobody's."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.subscriptions import ROUTES
from shared.access.credentials import API_KEY_PREFIX, INGEST_PREFIX, authenticate, new_api_key
from shared.access.schemas import SignedInOut
from shared.access.sessions import ACCESS_LIFETIME, forget
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import ANONYMOUS, ActorKind, Permission, Role, TenantId
from shared.platform.runtime import Runtime
from shared.platform.tokens import Kind
from tests.fixtures import StoppedClock, sign_up
from tests.shared.platform.offline import offline


async def refused(runtime: Runtime, credential: str) -> None:
    with pytest.raises(Unauthenticated):
        await authenticate(runtime, f"Bearer {credential}")


def claims_of(account: SignedInOut) -> dict[str, Any]:
    claims = jwt.decode(account.access_token, options={"verify_signature": False})
    return {name: claims[name] for name in ("user_id", "tenant_id", "project_id", "email", "role", "sid", "jti")}


async def forget_session(runtime: Runtime, account: SignedInOut) -> None:
    """What the product does after each such change."""
    await forget(runtime, TenantId(account.tenant_id), account.user_id, [UUID(claims_of(account)["sid"])])


def signed(runtime: Runtime, claims: Mapping[str, Any]) -> str:
    return runtime.tokens.sign(Kind.ACCESS, dict(claims), now=runtime.clock.now(), lifetime=timedelta(minutes=15))


async def add_key(
    owner: psycopg.AsyncConnection,
    account: SignedInOut,
    *,
    expires_at: datetime | None = None,
    revoked_at: datetime | None = None,
) -> str:
    """Store an API key of the project, and return it."""
    key_id = uuid4()
    key, digest = new_api_key(key_id)
    columns = "tenant_id, id, project_id, name, role, secret_digest, created_at, expires_at, revoked_at"
    await owner.execute(
        f"insert into api_keys ({columns}) values (%s, %s, %s, 'a program', 'viewer', %s, now(), %s, %s)",
        (account.tenant_id, key_id, account.project_id, digest, expires_at, revoked_at),
    )
    return key


@pytest.mark.parametrize("header", [None, ""])
async def test_without_a_credential_the_caller_is_anonymous(runtime: Runtime, header: str | None) -> None:
    assert await authenticate(runtime, header) == ANONYMOUS


async def test_the_scheme_is_read_without_case(runtime: Runtime, account: SignedInOut) -> None:
    assert (await authenticate(runtime, f"bEARER {account.access_token}")).id == account.user_id


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic b2xnYTpzZWNyZXQ=",
        "Token abc",
        "Bearer x",
        "Bearer  x",
        f"Bearer {API_KEY_PREFIX}",
        f"Bearer {API_KEY_PREFIX}nothing_secret",
        f"Bearer {API_KEY_PREFIX}{UUID(int=7).hex}_secret",
        f"Bearer {INGEST_PREFIX}",
        f"Bearer {INGEST_PREFIX}a.b.c",
    ],
)
async def test_a_malformed_or_unknown_credential_is_nobody_s(runtime: Runtime, header: str) -> None:
    with pytest.raises(Unauthenticated):
        await authenticate(runtime, header)


OFFLINE = Runtime.start(offline(), ROUTES)


@given(
    st.sampled_from(["", "Bearer ", "Basic ", f"Bearer {INGEST_PREFIX}", f"Bearer {API_KEY_PREFIX}"]),
    st.text(min_size=1),
)
async def test_no_text_breaks_the_reader_or_needs_a_store_to_be_refused(scheme: str, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await authenticate(OFFLINE, scheme + text)


async def test_a_session_ends_with_its_token_s_fifteen_minutes(
    runtime: Runtime, account: SignedInOut, clock: StoppedClock
) -> None:
    clock.advance(seconds=ACCESS_LIFETIME.total_seconds() - 1)
    assert (await authenticate(runtime, f"Bearer {account.access_token}")).id == account.user_id
    clock.advance(seconds=1)
    await refused(runtime, account.access_token)


@pytest.mark.parametrize(
    "change",
    [
        "update users set disabled_at = now() where tenant_id = %s",
        "update sessions set revoked_at = now() where tenant_id = %s",
        "update sessions set expires_at = created_at where tenant_id = %s",
        "delete from sessions where tenant_id = %s",
        "delete from project_members where tenant_id = %s",
        "delete from users where tenant_id = %s",
        "delete from tenants where id = %s",
    ],
)
async def test_a_session_ends_with_what_it_stands_on(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection, change: Any
) -> None:
    assert (await authenticate(runtime, f"Bearer {account.access_token}")).id == account.user_id
    await owner.execute(change, (account.tenant_id,))
    await forget_session(runtime, account)
    await refused(runtime, account.access_token)


async def test_a_changed_role_holds_at_once_whatever_the_token_says(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    await owner.execute("update project_members set role = 'viewer' where tenant_id = %s", (account.tenant_id,))
    await forget_session(runtime, account)
    actor = await authenticate(runtime, f"Bearer {account.access_token}")
    assert actor.role is Role.VIEWER
    assert Permission.API_KEY_WRITE not in actor.permissions


@pytest.mark.parametrize("claim", ["user_id", "tenant_id", "project_id", "sid"])
async def test_no_session_reaches_into_another_tenant(runtime: Runtime, account: SignedInOut, claim: str) -> None:
    ours, theirs = claims_of(account), claims_of(await sign_up(runtime))
    await authenticate(runtime, f"Bearer {signed(runtime, ours)}")
    await refused(runtime, signed(runtime, ours | {claim: theirs[claim]}))
    await refused(runtime, signed(runtime, theirs | {claim: ours[claim]}))


async def test_a_key_ends_when_it_is_revoked_or_over(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    now = clock.now()
    endless = await add_key(owner, account)
    assert (await authenticate(runtime, f"Bearer {endless}")).kind is ActorKind.API_KEY
    await refused(runtime, await add_key(owner, account, revoked_at=now))
    await refused(runtime, await add_key(owner, account, expires_at=now))


async def test_a_key_s_last_use_is_known_to_the_minute(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    key = await add_key(owner, account)

    async def last_use() -> datetime | None:
        found = await owner.execute("select last_used_at from api_keys where tenant_id = %s", (account.tenant_id,))
        row = await found.fetchone()
        return row[0] if row else None

    assert await last_use() is None
    first = clock.now()
    for seconds, recorded in ((0, 0), (59, 0), (1, 60)):
        clock.advance(seconds=seconds)
        await authenticate(runtime, f"Bearer {key}")
        assert await last_use() == first + timedelta(seconds=recorded)
    await refused(runtime, key[:-1])
    assert await last_use() == clock.now()


async def test_a_key_needs_its_own_secret(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    key, other = await add_key(owner, account), await add_key(owner, account)
    head = key[: len(API_KEY_PREFIX) + 33]
    secret, other_secret = key.removeprefix(head), other[len(head) :]
    for wrong in ("", secret[:-1], secret + "x", secret.swapcase(), other_secret, "\udcff", "é"):
        await refused(runtime, head + wrong)
    assert (await authenticate(runtime, f"Bearer {head}{secret}")).role is Role.VIEWER


async def test_an_ingest_token_says_whose_it_is_without_any_store() -> None:
    ids = {name: str(uuid4()) for name in ("integration_id", "tenant_id", "project_id")}
    token = OFFLINE.tokens.sign(Kind.INGEST, {**ids, "version": 3}, now=OFFLINE.clock.now())
    actor = await authenticate(OFFLINE, f"Bearer {INGEST_PREFIX}{token}")
    assert (actor.kind, str(actor.id), actor.token_version) == (ActorKind.INTEGRATION, ids["integration_id"], 3)
    assert (str(actor.tenant_id), str(actor.project_id)) == (ids["tenant_id"], ids["project_id"])
    assert actor.role is None
    assert actor.permissions == {Permission.ALERT_INGEST}


async def test_no_kind_of_credential_passes_for_another(runtime: Runtime, account: SignedInOut) -> None:
    ids = {name: str(uuid4()) for name in ("integration_id", "tenant_id", "project_id")}
    ingest = runtime.tokens.sign(Kind.INGEST, {**ids, "version": 1}, now=runtime.clock.now())
    await refused(runtime, ingest)
    await refused(runtime, INGEST_PREFIX + account.access_token)
    await refused(runtime, API_KEY_PREFIX + account.access_token)


@pytest.mark.parametrize("claim", ["user_id", "tenant_id", "project_id", "sid"])
@pytest.mark.parametrize("value", [None, 7, "", "no id"])
async def test_a_token_of_ours_whose_claims_are_odd_is_nobody_s(runtime: Runtime, claim: str, value: object) -> None:
    ids = {name: str(uuid4()) for name in ("user_id", "tenant_id", "project_id", "sid", "jti")}
    odd = {**ids, claim: value} if value is not None else {name: one for name, one in ids.items() if name != claim}
    token = runtime.tokens.sign(Kind.ACCESS, odd, now=runtime.clock.now(), lifetime=timedelta(minutes=1))
    with pytest.raises(Unauthenticated):
        await authenticate(runtime, f"Bearer {token}")
