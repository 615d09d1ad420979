"""Who calls: people and programs of every role, at home and elsewhere, and those whose credential does not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import jwt
from sqlalchemy import func, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from scripts.proof.examples import CHANGE, NOTIFICATION, NOWHERE_URL, PASSWORD
from scripts.proof.functions import Functions
from scripts.proof.incidents import a_hypothesis, furnish_incidents
from shared.access import password_reset
from shared.access.credentials import new_api_key
from shared.access.tables import ApiKeyRow, InvitationRow, MemberRow, ProjectRow, SessionRow, UserRow
from shared.alerts.tables import MaintenanceWindowRow
from shared.audit.tables import CountRow
from shared.audit.values import EntryKind, Outcome, day_of
from shared.incidents.tables import SavedViewRow
from shared.integrations.tables import IntegrationRow
from shared.kernel.values import ActorKind, Role, TenantId, system_actor
from shared.notifications.tables import ChannelRow
from shared.platform.runtime import Runtime
from shared.platform.tables import CounterRow, DeadLetterRow
from shared.platform.tokens import Kind
from shared.services.tables import ServiceRow

# The role at home of a person in both projects, and the one in the other, where they are signed in.
_OF_BOTH: Final = {Role.OWNER: Role.VIEWER, Role.VIEWER: Role.OWNER}
_OF_PROJECT: Final = (
    "integration_id",
    "channel_id",
    "key_id",
    "invitation_id",
    "saved_view_id",
    "window_id",
    "service_id",
    "hypothesis_id",
)


class Standing(Enum):
    """Where a caller stands to the things that paths name."""

    HOME = "home"
    ELSEWHERE = "elsewhere"
    NOWHERE = "nowhere"  # no credential, or one that does not hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever calls. An integration has no role. `never_sees` are ids that no answer to this caller may hold.

    `role` is the one in the credential's project; `role_at_home` is that of a person elsewhere who is in both.
    """

    name: str
    credential: str
    standing: Standing
    role: Role | None = None
    role_at_home: Role | None = None
    is_person: bool = False
    owns_tenant: bool = False
    is_author: bool = False
    never_sees: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Callers, and what is at home by the name that paths and bodies call it by: ids, and an invitation's token."""

    callers: Sequence[Caller]
    objects: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    tenant_id: UUID
    project_id: UUID
    token: str


async def gather(functions: Functions, owner_url: str) -> Cast:
    """Make two tenants, and all that the callers need in them; `owner_url` is for what no endpoint makes."""
    home, stranger = await _register(functions, "owner"), await _register(functions, "stranger")
    ingest, invitation = await _furnish(functions, home)
    incidents = await furnish_incidents(functions, home.token)
    engine = create_async_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            elsewhere = replace(home, project_id=await _add_project(functions.runtime, session, home))
            people = await _add_people(functions.runtime, session, home, elsewhere)
            keys = await _add_keys(functions.runtime, session, home, elsewhere)
            hypothesis = a_hypothesis(functions.runtime, home.tenant_id, home.project_id, incidents["incident_id"])
            session.add(hypothesis)
            bystander = str(people["bystander"])
            objects = await _things(session, home) | incidents | {"user_id": bystander, "assignee_id": bystander}
            objects["hypothesis_id"] = str(hypothesis.id)
            session.add(_count(functions.runtime, home, UUID(objects["key_id"])))
            session.add(_letter(functions.runtime, home, objects["incident_id"]))
            await session.commit()
            reset_token = await _mint_reset(functions.runtime, home, people["bystander"])
            tokens = {name: await _sign_in(functions, name) for name in ("owner", *people)}
            await _end(session, home, people)
            await session.commit()
    finally:
        await engine.dispose()
    await functions.runtime.relay.sweep()  # what happened becomes live events, which can be read
    theirs = frozenset({str(elsewhere.project_id), str(people["neighbour"])})
    of_project = frozenset(objects[name] for name in (*incidents, *_OF_PROJECT))
    return Cast(
        callers=[
            _nobody("anonymous", ""),
            *(_person(tokens[role], role, theirs) for role in Role),
            *(_program(f"{role} key", keys[role], role, theirs) for role in Role),
            _program("ingest token", ingest, None, theirs),
            _outsider("other project session", tokens["neighbour"], of_project, is_person=True),
            _outsider("other project key", keys["neighbour"], of_project),
            _outsider(
                "other tenant session", stranger.token, frozenset(objects.values()), is_person=True, owns_tenant=True
            ),
            _nobody("expired session", _expired(functions.runtime, tokens["owner"])),
            _nobody("ended session", home.token),
            *(
                replace(
                    _outsider(f"{at_home} session elsewhere", tokens[_of_both(at_home)], of_project, is_person=True),
                    role=elsewhere_role,
                    role_at_home=at_home,
                )
                for at_home, elsewhere_role in _OF_BOTH.items()
            ),
            *(_nobody(f"{name} person", tokens[name]) for name in ("disabled", "removed")),
            *(_nobody(f"{name} key", keys[name]) for name in ("expired", "revoked")),
        ],
        objects=objects | {"token": invitation, "reset_token": reset_token},
    )


def _person(credential: str, role: Role, never_sees: frozenset[str]) -> Caller:
    return Caller(
        name=f"{role} session",
        credential=credential,
        standing=Standing.HOME,
        role=role,
        is_person=True,
        owns_tenant=role is Role.OWNER,
        is_author=role is Role.OWNER,
        never_sees=never_sees,
    )


def _program(name: str, credential: str, role: Role | None, never_sees: frozenset[str]) -> Caller:
    return Caller(name=name, credential=credential, standing=Standing.HOME, role=role, never_sees=never_sees)


def _outsider(
    name: str, credential: str, never_sees: frozenset[str], *, is_person: bool = False, owns_tenant: bool = False
) -> Caller:
    return Caller(
        name=name,
        credential=credential,
        standing=Standing.ELSEWHERE,
        role=Role.OWNER,
        is_person=is_person,
        owns_tenant=owns_tenant,
        never_sees=never_sees,
    )


def _nobody(name: str, credential: str) -> Caller:
    return Caller(name=name, credential=credential, standing=Standing.NOWHERE)


def _address(name: str) -> str:
    return f"{name}@example.com"


async def _call(functions: Functions, path: str, body: Any, token: str = "", *, method: str = "POST") -> Any:
    answer = await functions.call(method, path, body, token=token)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise RuntimeError(f"{method} {path} answered {answer.status}: {answer.content.decode()}")
    return answer.json


async def _register(functions: Functions, name: str) -> _Account:
    body = {"email": _address(name), "password": PASSWORD, "name": name, "tenant_name": f"Tenant of {name}"}
    made = await _call(functions, "auth/register", body)
    return _Account(tenant_id=UUID(made["tenant_id"]), project_id=UUID(made["project_id"]), token=made["access_token"])


async def _sign_in(functions: Functions, name: str) -> str:
    signed_in = await _call(functions, "auth/login", {"email": _address(name), "password": PASSWORD})
    return str(signed_in["access_token"])


async def _furnish(functions: Functions, home: _Account) -> tuple[str, str]:
    """Make a thing of each kind at home; returns an ingest token and an invitation's."""
    sender = await _call(functions, "integrations", {"kind": "alertmanager", "name": "a sender"}, home.token)
    await _call(functions, "webhooks/alertmanager", NOTIFICATION, sender["token"])
    thing = {"kind": "grafana", "name": "a thing", "base_url": NOWHERE_URL}
    await _call(functions, "integrations", thing, home.token)
    channel = {"name": "a thing", "config": {"kind": "slack", "url": NOWHERE_URL}}
    await _call(functions, "notification-channels", channel, home.token)
    await _call(functions, "webhooks/changes", CHANGE, sender["token"])
    names = ("a thing", "another thing")
    services = [(await _call(functions, "services", {"name": name}, home.token))["id"] for name in names]
    await _call(functions, f"services/{services[0]}/dependencies/{services[1]}", None, home.token, method="PUT")
    await _call(functions, "api-keys", {"name": "a thing", "role": "viewer"}, home.token)
    await _call(functions, "saved-views", {"name": "a thing", "shared": True}, home.token)
    window = {"title": "a thing", "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-02T00:00:00Z"}
    recurring = {"rule": "FREQ=DAILY", "matchers": [{"label": "host", "value": "no such"}]}
    await _call(functions, "maintenance-windows", window | recurring, home.token)
    invitation = await _call(functions, "invitations", {"email": "invited@example.com", "role": "viewer"}, home.token)
    return str(sender["token"]), str(invitation["token"])


async def _things(session: AsyncSession, home: _Account) -> dict[str, str]:
    """Return by path parameter what `_furnish` made."""
    queries = {
        "integration_id": select(IntegrationRow.id).where(IntegrationRow.name == "a thing"),
        "channel_id": select(ChannelRow.id).where(ChannelRow.name == "a thing"),
        "key_id": select(ApiKeyRow.id).where(ApiKeyRow.name == "a thing"),
        "invitation_id": select(InvitationRow.id),
        "window_id": select(MaintenanceWindowRow.id),
        "saved_view_id": select(SavedViewRow.id),
        "service_id": select(ServiceRow.id).where(ServiceRow.name == "a thing"),
        "callee_id": select(ServiceRow.id).where(ServiceRow.name == "another thing"),
    }
    found = {name: str((await session.scalars(query)).one()) for name, query in queries.items()}
    return found | {"project_id": str(home.project_id)}


async def _add_project(runtime: Runtime, session: AsyncSession, home: _Account) -> UUID:
    project_id = runtime.ids.new()
    session.add(ProjectRow(tenant_id=home.tenant_id, id=project_id, name="Another"))
    await session.flush()
    for name in ("event", "incident"):
        session.add(CounterRow(tenant_id=home.tenant_id, project_id=project_id, name=name))
    return project_id


async def _add_people(
    runtime: Runtime, session: AsyncSession, home: _Account, elsewhere: _Account
) -> Mapping[str, UUID]:
    """Add a person of each role but the owner's, some of the other project or of both, and some to end or act upon."""
    password_hash = await runtime.passwords.hash(PASSWORD)
    own, other = home.project_id, elsewhere.project_id
    roles: dict[str, dict[UUID, Role]] = {role.value: {own: role} for role in Role if role is not Role.OWNER}
    roles |= {name: {own: Role.VIEWER} for name in ("bystander", "disabled", "removed")}
    roles |= {"neighbour": {other: Role.OWNER}}
    # They sign in where they came first.
    roles |= {_of_both(at_home): {other: there, own: at_home} for at_home, there in _OF_BOTH.items()}
    ids: dict[str, UUID] = {}
    for name, memberships in roles.items():
        ids[name] = runtime.ids.new()
        session.add(
            UserRow(
                tenant_id=home.tenant_id,
                id=ids[name],
                email=_address(name),
                name=name,
                password_hash=password_hash,
                tenant_role="member",
            )
        )
        await session.flush()
        session.add_all(
            MemberRow(
                tenant_id=home.tenant_id,
                id=runtime.ids.new(),
                project_id=project_id,
                user_id=ids[name],
                role=role.value,
            )
            for project_id, role in memberships.items()
        )
    return ids


def _of_both(at_home: Role) -> str:
    return f"{at_home}.of.both"


async def _add_keys(runtime: Runtime, session: AsyncSession, home: _Account, elsewhere: _Account) -> Mapping[str, str]:
    """Add a key of each role, one of the other project, and two that do not hold."""
    now = runtime.clock.now()
    ends = {"expired": {"expires_at": now}, "revoked": {"revoked_at": now}}
    keys: dict[str, str] = {}
    roles: dict[str, Role] = {role.value: role for role in Role}
    roles |= dict.fromkeys(("neighbour", *ends), Role.OWNER)
    for name, role in roles.items():
        key_id = runtime.ids.new()
        keys[name], digest = new_api_key(key_id)
        session.add(
            ApiKeyRow(
                tenant_id=home.tenant_id,
                id=key_id,
                project_id=(elsewhere if name == "neighbour" else home).project_id,
                name=f"key of {name}",
                role=role.value,
                secret_digest=digest,
                created_at=now,
                **ends.get(name, {}),
            )
        )
    return keys


def _count(runtime: Runtime, home: _Account, key_id: UUID) -> CountRow:
    """Return how often a key did something, as a seal tells: newest, and last by name, so no list ends before it."""
    return CountRow(
        tenant_id=home.tenant_id,
        id=runtime.ids.new(),
        day=day_of(runtime.clock.now()),
        kind=EntryKind.CALL,
        project_id=home.project_id,
        actor_kind=ActorKind.API_KEY,
        actor_id=key_id,
        actor_name="a thing",
        action="verify_audit",
        outcome=Outcome.OK,
        count=1,
    )


def _letter(runtime: Runtime, home: _Account, incident_id: str) -> DeadLetterRow:
    """Return a dead letter that names an incident."""
    return DeadLetterRow(
        tenant_id=home.tenant_id,
        id=runtime.ids.new(),
        project_id=home.project_id,
        source="a_consumer",
        reason="a reason",
        content=incident_id,
        digest="",
    )


async def _mint_reset(runtime: Runtime, home: _Account, user_id: UUID) -> str:
    """Return the token of a link to choose another password, which otherwise only an e-mail holds."""
    async with runtime.transaction(system_actor(TenantId(home.tenant_id))) as tx:
        minted = await password_reset.mint(tx, user_id)
    if minted is None:
        raise LookupError(user_id)
    return minted[1]


async def _end(session: AsyncSession, home: _Account, people: Mapping[str, UUID]) -> None:
    """End what `home.token` and the people to end stand on."""
    sid = UUID(_claims(home.token)["sid"])
    await session.execute(update(SessionRow).where(SessionRow.id == sid).values(revoked_at=SessionRow.created_at))
    disabled = update(UserRow).where(UserRow.id == people["disabled"])
    await session.execute(disabled.values(disabled_at=UserRow.created_at))
    removed = update(MemberRow).where(MemberRow.user_id == people["removed"])
    await session.execute(removed.values(removed_at=func.now()))


def _expired(runtime: Runtime, token: str) -> str:
    """Return the same token as if it had been given an hour ago."""
    return runtime.tokens.sign(
        Kind.ACCESS, _claims(token), now=runtime.clock.now() - timedelta(hours=1), lifetime=timedelta(minutes=15)
    )


def _claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found
