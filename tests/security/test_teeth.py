"""The proofs have teeth: each check, predicate and policy is taken out in turn, and each time that is noticed."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event, select

import functions
import shared.access.commands
import shared.access.credentials
import shared.access.invitations
import shared.access.password_reset
import shared.access.projects
import shared.audit.changes
import shared.audit.stats
import shared.hypotheses.commands
import shared.incidents.store
import shared.integrations.commands
import shared.integrations.dead_letters
from functions.http import Admission, Endpoint, HttpTrigger
from functions.openapi import endpoints
from infra.migrations.roles import APP
from scripts.matrix import Row, matrix
from scripts.proof.cast import Caller, Standing
from scripts.proof.functions import Functions
from scripts.proof.policy import Outcome, expected
from scripts.proof.world import World
from shared.access.permissions import GRANTED
from shared.kernel.values import Permission, Role
from shared.platform.runtime import Runtime, Tx
from shared.views.schema import METADATA
from tests.infra.migrations.catalogue import census, tables
from tests.security.mutants import Column, Mutant, mutants
from tests.shared.access.members import CHANGES, roles_after

ENDPOINTS = endpoints()
GUARDED = [one for one in ENDPOINTS if one.needs is not Admission.EVERYONE]
MODULES = (
    shared.access.commands,
    shared.access.invitations,
    shared.access.password_reset,
    shared.access.projects,
    shared.audit.changes,
    shared.audit.stats,
    shared.hypotheses.commands,
    shared.incidents.store,
    shared.integrations.commands,
    shared.integrations.dead_letters,
)
# What no call can show, with the reason.
SILENT = {
    "_check_other_owner": "counts the owners who are left, and shows nothing",
    "lock": "what follows in the same transaction asks for the project again",
    "restless_alerts": "only the machine asks for it, about an incident that it has found",
    "flag_alerts": "as above",
    "alert_counts": "only an analysis asks for it, about incidents that it has found",
    "hold_place": "only a place that is taken meanwhile shows it: tests/functions/access/test_left_behind.py",
    "revoke_api_keys_of": "ends what somebody made who is taken out, of which no answer tells",
    "revoke_invitations_of": "as above",
}
BUILT_ONCE = {"_counted": "COUNTED"}


def audible(column: Column) -> list[Mutant]:
    return [one for one in found(column) if one.function.__name__ not in {*SILENT, *CHANGES}]


def found(column: Column) -> list[Mutant]:
    return [mutant for module in MODULES for mutant in mutants(module, column)]


# They answer alike whichever of a person's memberships they change; what is stored tells.
OF_MEMBERS = [one for one in found("project_id") if one.function.__name__ in CHANGES]


# Granted to some, and asked for by some endpoint.
SELECTIVE = [
    permission
    for permission in Permission
    if any(permission not in granted for granted in GRANTED.values())
    and permission in {endpoint.needs for endpoint in ENDPOINTS}
]


async def first_difference(world: World, chosen: list[Endpoint], callers: Sequence[Caller] = ()) -> Row | None:
    """Return the first wrong row."""
    for endpoint in chosen:
        for caller in callers or world.callers:
            (row,) = await matrix(world, [endpoint], [caller])
            if not row.is_right:
                await world.restore()
                return row
    return None


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda one: one.name)
async def test_an_endpoint_without_its_check_is_noticed(
    world: World, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = replace(endpoint, needs=Admission.EVERYONE)
    weak = tuple(
        replace(one, load=lambda: bare) if isinstance(one, HttpTrigger) and one.name == bare.name else one
        for one in functions.triggers()
    )
    monkeypatch.setattr(functions, "triggers", lambda: weak)
    weakened = replace(world, functions=Functions(world.functions.runtime))
    assert await first_difference(weakened, [endpoint]) is not None


@pytest.mark.parametrize("permission", SELECTIVE)
async def test_a_permission_that_everyone_has_is_noticed(
    world: World, permission: Permission, monkeypatch: pytest.MonkeyPatch
) -> None:
    generous = {role: granted | {permission} for role, granted in GRANTED.items()}
    monkeypatch.setattr(shared.access.credentials, "GRANTED", generous)
    asking = [one for one in ENDPOINTS if one.needs is permission]
    assert await first_difference(world, asking) is not None


def plant(mutant: Mutant, column: Column, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a mutant in its function's place, and in that of the statement that is built by it once."""
    monkeypatch.setattr(mutant.function, "__code__", mutant.code(column))
    if built := BUILT_ONCE.get(mutant.function.__name__):
        monkeypatch.setattr(mutant.module, built, mutant.function())


def near(mutant: Mutant) -> list[Endpoint]:
    """Return the endpoints that may run a mutant: of its own feature, or of one that shows incidents."""
    feature = mutant.module.__name__.split(".")[1]
    shown_by = {feature, *(("alerts", "realtime", "hypotheses") if feature == "incidents" else ())}
    return [one for one in ENDPOINTS if one.handler.__module__.split(".")[1] in shown_by]


@pytest.mark.parametrize("mutant", audible("project_id"), ids=lambda one: one.name)
async def test_a_query_over_all_projects_is_noticed(
    world: World, mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(mutant, "project_id", monkeypatch)
    names = {"owner session", *(one.name for one in world.callers if one.standing is Standing.ELSEWHERE)}
    callers = [one for one in world.callers if one.name in names]
    assert await first_difference(world, near(mutant), callers) is not None


@pytest.mark.parametrize("mutant", OF_MEMBERS, ids=lambda one: one.name)
async def test_a_change_of_any_of_a_person_s_memberships_is_noticed(
    runtime: Runtime, mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(mutant, "project_id", monkeypatch)
    change, role = CHANGES[mutant.function.__name__]
    assert await roles_after(runtime, change) != [Role.ENGINEER, role]


def test_each_change_of_a_membership_has_a_predicate_to_take_out() -> None:
    assert {one.function.__name__ for one in OF_MEMBERS} == set(CHANGES)


TABLE = re.compile(r"\b(?:from|join|update) (\w+)", re.IGNORECASE)
SCOPE = re.compile(r"\b(?:tenant_id|tenants\.id) = (?:%\(|\w+\.tenant_id)")


@contextmanager
def unscoped(world: World) -> Iterator[list[str]]:
    """Gather the statements of the application's role that reach a table without naming the tenant for it."""
    engine = world.functions.runtime.database.app.sync_engine
    found: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        reached = [table for table in TABLE.findall(statement) if table in METADATA.tables]
        if len(SCOPE.findall(statement)) < len(reached):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", look)
    yield found
    event.remove(engine, "before_cursor_execute", look)


async def admitted(world: World, chosen: list[Endpoint]) -> None:
    """Let the owner call what an owner may."""
    (owner,) = (one for one in world.callers if one.name == "owner session")
    allowed = [one for one in chosen if expected(one, owner) is Outcome.ADMITTED]
    await matrix(world, allowed, [owner])


async def test_every_query_names_the_tenant(world: World) -> None:
    with unscoped(world) as found:
        await admitted(world, ENDPOINTS)
    assert found == []


async def test_a_query_that_does_not_begin_with_the_tenant_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tx, "select", lambda _tx, table: select(table))
    with unscoped(world) as found:
        await admitted(world, ENDPOINTS)
    assert found


@pytest.mark.parametrize("mutant", audible("tenant_id"), ids=lambda one: one.name)
async def test_a_query_over_all_tenants_is_noticed(
    world: World, mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(mutant, "tenant_id", monkeypatch)
    with unscoped(world) as found:
        await admitted(world, near(mutant))
    assert found


def test_a_table_without_its_policy_is_noticed(world_url: str) -> None:
    query = "select tablename, policyname from pg_policies where %s = any(roles)"
    with psycopg.connect(world_url) as owner:
        assert census(owner) == set()
        policies = owner.execute(query, (APP,)).fetchall()
        for table, policy in policies:
            with owner.transaction(force_rollback=True):
                owner.execute(
                    sql.SQL("drop policy {} on {}").format(sql.Identifier(policy), sql.Identifier("public", table))
                )
                assert census(owner) == {table}
        assert {table for table, _ in policies} == tables(owner)
