import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import SecretStr

from shared.access import commands
from shared.access.credentials import authenticate
from shared.access.errors import ApiKeyNotFound, EmailTaken, RoleTooHigh, WrongCredentials
from shared.access.events import ApiKeyCreated, ApiKeyRevoked, TenantRegistered
from shared.access.schemas import ApiKeyIn, LoginIn, RegisterIn, SignedInOut
from shared.kernel.values import Actor, ActorKind, ProjectId, Role, TenantId
from shared.platform.passwords import Passwords
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from tests.fixtures import PASSWORD, StoppedClock, sign_up
from tests.shared.platform.recording import Log


def person(account: SignedInOut, role: Role = Role.OWNER) -> Actor:
    return Actor(
        kind=ActorKind.USER,
        id=account.user_id,
        name=account.email,
        tenant_id=TenantId(account.tenant_id),
        project_id=ProjectId(account.project_id),
        role=role,
    )


async def make_key(runtime: Runtime, account: SignedInOut, role: Role = Role.VIEWER, **given: Any) -> tuple[UUID, str]:
    async with runtime.transaction(person(account)) as tx:
        row, key = await commands.create_api_key(
            tx, ProjectId(account.project_id), ApiKeyIn(name="a program", role=role, **given)
        )
    return row.id, key


def login(email: str, password: str = PASSWORD) -> LoginIn:
    return LoginIn(email=email, password=SecretStr(password))


async def test_registering_makes_an_owner_with_a_project_who_is_signed_in(
    runtime: Runtime, account: SignedInOut
) -> None:
    actor = await authenticate(runtime, f"Bearer {account.access_token}")
    assert (actor.kind, actor.id, actor.name) == (ActorKind.USER, account.user_id, account.email)
    assert (actor.tenant_id, actor.project_id, actor.role) == (account.tenant_id, account.project_id, Role.OWNER)


async def test_registering_is_recorded(account: SignedInOut, owner: psycopg.AsyncConnection) -> None:
    (row,) = await Log(owner, account.tenant_id).rows(TenantRegistered)
    assert (row["subject_id"], row["actor_id"], row["data"]) == (
        account.tenant_id,
        account.user_id,
        {"tenant_name": "Example"},
    )


async def test_an_address_is_taken_once_over_all_tenants_whatever_its_case(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    given = RegisterIn(
        email=account.email.upper(), password=SecretStr(PASSWORD), name="Another", tenant_name="Unfinished"
    )
    with pytest.raises(EmailTaken):
        await commands.register(runtime, given)
    found = await owner.execute("select from tenants where name = 'Unfinished'")
    assert found.rowcount == 0


async def test_a_password_is_stored_as_a_hash(account: SignedInOut, owner: psycopg.AsyncConnection) -> None:
    found = await owner.execute("select to_jsonb(u)::text from users u where id = %s", (account.user_id,))
    ((row,),) = await found.fetchall()
    assert PASSWORD not in row
    assert '"$2b$' in row


async def test_signing_in_opens_a_session_of_its_own(runtime: Runtime, account: SignedInOut) -> None:
    again = (await commands.sign_in(runtime, login(account.email.upper()))).body
    assert again.access_token != account.access_token
    for token in (again.access_token, account.access_token):
        assert (await authenticate(runtime, f"Bearer {token}")).id == account.user_id


async def test_a_wrong_password_and_an_unknown_address_are_refused_in_the_same_words(
    runtime: Runtime, account: SignedInOut
) -> None:
    with pytest.raises(WrongCredentials) as wrong:
        await commands.sign_in(runtime, login(account.email, "not the password"))
    with pytest.raises(WrongCredentials) as unknown:
        await commands.sign_in(runtime, login(f"{uuid4()}@example.com"))
    assert (wrong.value.detail, wrong.value.details) == (unknown.value.detail, unknown.value.details)


@pytest.mark.parametrize(
    "change",
    [
        "update users set disabled_at = now() where id = %s",
        "delete from project_members where user_id = %s",
    ],
    ids=["disabled", "member of nothing"],
)
async def test_who_has_no_access_any_more_cannot_sign_in(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection, change: Any
) -> None:
    await owner.execute(change, (account.user_id,))
    with pytest.raises(WrongCredentials):
        await commands.sign_in(runtime, login(account.email))


@pytest.mark.parametrize("role", Role)
async def test_an_api_key_acts_in_its_project_with_its_role(runtime: Runtime, account: SignedInOut, role: Role) -> None:
    key_id, key = await make_key(runtime, account, role)
    actor = await authenticate(runtime, f"Bearer {key}")
    assert (actor.kind, actor.id, actor.name, actor.role) == (ActorKind.API_KEY, key_id, "a program", role)
    assert (actor.tenant_id, actor.project_id) == (account.tenant_id, account.project_id)


@pytest.mark.parametrize(
    ("role", "asked"), [(Role.ADMIN, Role.OWNER), (Role.ENGINEER, Role.ADMIN), (Role.VIEWER, Role.ENGINEER)]
)
async def test_no_key_is_made_of_a_role_higher_than_its_maker_s(
    runtime: Runtime, account: SignedInOut, role: Role, asked: Role
) -> None:
    async with runtime.transaction(person(account, role)) as tx:
        with pytest.raises(RoleTooHigh):
            await commands.create_api_key(tx, ProjectId(account.project_id), ApiKeyIn(name="a program", role=asked))


async def test_who_has_no_role_makes_no_key(runtime: Runtime, account: SignedInOut) -> None:
    async with runtime.transaction(replace(person(account), role=None)) as tx:
        with pytest.raises(RoleTooHigh):
            await commands.create_api_key(tx, ProjectId(account.project_id), ApiKeyIn(name="x", role=Role.VIEWER))


async def test_of_a_key_only_a_digest_of_its_secret_is_kept(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    key_id, key = await make_key(runtime, account)
    secret = key.removeprefix(f"sre_key_{key_id.hex}_")
    assert len(secret) == 43  # 256 bits in base64
    found = await owner.execute("select to_jsonb(k)::text, secret_digest from api_keys k where id = %s", (key_id,))
    ((row, digest),) = await found.fetchall()
    assert secret not in row
    assert digest == hashlib.sha256(secret.encode()).digest()
    events = await owner.execute("select from event_log e where to_jsonb(e)::text like '%%' || %s || '%%'", (secret,))
    assert events.rowcount == 0


async def test_a_key_lives_as_long_as_it_was_given(runtime: Runtime, account: SignedInOut, clock: StoppedClock) -> None:
    key_id, key = await make_key(runtime, account, expires_in_days=30)
    async with runtime.transaction(person(account)) as tx:
        (row,) = await commands.list_api_keys(tx, ProjectId(account.project_id))
    assert (row.id, row.expires_at) == (key_id, row.created_at + timedelta(days=30))
    clock.advance(days=30, seconds=-1)
    assert (await authenticate(runtime, f"Bearer {key}")).id == key_id


async def test_a_revoked_key_stays_listed_and_its_end_is_recorded_once(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection
) -> None:
    key_id, _ = await make_key(runtime, account)
    for _ in range(2):
        async with runtime.transaction(person(account)) as tx:
            await commands.revoke_api_key(tx, ProjectId(account.project_id), key_id)
    async with runtime.transaction(person(account)) as tx:
        (row,) = await commands.list_api_keys(tx, ProjectId(account.project_id))
    assert row.revoked_at is not None
    log = Log(owner, account.tenant_id)
    assert [row["subject_id"] for row in await log.rows(ApiKeyCreated)] == [key_id]
    assert [row["subject_id"] for row in await log.rows(ApiKeyRevoked)] == [key_id]


async def test_keys_are_listed_newest_first_and_only_the_project_s(runtime: Runtime, account: SignedInOut) -> None:
    made = [(await make_key(runtime, account))[0] for _ in range(3)]
    await make_key(runtime, await sign_up(runtime))
    async with runtime.transaction(person(account)) as tx:
        listed = await commands.list_api_keys(tx, ProjectId(account.project_id))
        elsewhere = await commands.list_api_keys(tx, ProjectId(uuid4()))
    assert [row.id for row in listed] == made[::-1]
    assert elsewhere == []


async def test_nobody_revokes_a_key_of_another_project_or_tenant(runtime: Runtime, account: SignedInOut) -> None:
    key_id, key = await make_key(runtime, account)
    other = await sign_up(runtime)
    async with runtime.transaction(person(other)) as tx:
        for project in (account.project_id, other.project_id):
            with pytest.raises(ApiKeyNotFound):
                await commands.revoke_api_key(tx, ProjectId(project), key_id)
    async with runtime.transaction(person(account)) as tx:
        with pytest.raises(ApiKeyNotFound):
            await commands.revoke_api_key(tx, ProjectId(uuid4()), key_id)
    assert (await authenticate(runtime, f"Bearer {key}")).id == key_id


class Slow(Passwords):
    """Something happens while a password is compared."""

    def __init__(self, settings: Settings, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__(settings)
        self._meanwhile = meanwhile

    async def verify(self, password: str, stored: str | None) -> bool:
        right = await super().verify(password, stored)
        await self._meanwhile()
        return right


@pytest.mark.parametrize(
    "change",
    ["update users set password_hash = 'another' where id = %s", "update users set disabled_at = now() where id = %s"],
    ids=["another password", "a closed account"],
)
async def test_who_signs_in_during_a_change_comes_too_late(
    runtime: Runtime, account: SignedInOut, owner: psycopg.AsyncConnection, change: Any
) -> None:
    slow = Slow(runtime.settings, lambda: owner.execute(change, (account.user_id,)))
    with pytest.raises(WrongCredentials):
        await commands.sign_in(replace(runtime, passwords=slow), login(account.email))
    found = await owner.execute("select from sessions where user_id = %s", (account.user_id,))
    assert found.rowcount == 1  # the one of registering
