"""The audit shows nobody what is not theirs: neither another project's, nor another tenant's, as a list or as a file.

That of calls is in tables without row policies, so what keeps it apart is taken out here, and that is noticed.
"""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from functions.http import Endpoint
from functions.openapi import endpoints
from scripts.matrix import matrix
from scripts.proof.cast import Caller
from scripts.proof.world import World
from shared.audit import calls
from shared.audit.scope import Scope, Wanted, scope_of
from shared.kernel.values import Actor
from tests.functions.audit.audited import stored

pytestmark = pytest.mark.xdist_group("matrix")

OF_PROJECT = {"search_audit", "list_audited_calls", "list_audited_changes", "show_audit_stats", "export_audit"}
LISTINGS = [one for one in endpoints() if one.name in OF_PROJECT]


def caller(world: World, name: str) -> Caller:
    return next(one for one in world.callers if one.name == name)


@pytest.fixture
async def busy(world: World) -> AsyncIterator[World]:
    """The world with a call and a change elsewhere just now, by somebody who is nowhere else."""
    token = caller(world, "other project session").credential
    made = await world.functions.call("POST", "services", {"name": "elsewhere"}, token=token)
    assert made.status == 201, made.content
    await stored(world.functions)
    yield world
    await world.restore()


async def is_right(world: World, endpoint: Endpoint) -> bool:
    (row,) = await matrix(world, [endpoint], [caller(world, "admin key")])
    return row.is_right


@pytest.mark.parametrize("endpoint", LISTINGS, ids=lambda one: one.name)
async def test_an_audit_of_the_whole_tenant_for_everyone_is_noticed(
    busy: World, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_the_tenant(actor: Actor) -> Scope:
        assert actor.tenant_id
        return Scope(tenant_id=actor.tenant_id, project_id=None)

    assert await is_right(busy, endpoint)
    monkeypatch.setattr(scope_of, "__code__", of_the_tenant.__code__)
    assert not await is_right(busy, endpoint)


async def exported(world: World, query: str, name: str) -> set[str]:
    """Who did what an export of a caller holds."""
    token = caller(world, name).credential
    answer = await world.functions.call("GET", f"audit/export?format=jsonl&{query}", token=token)
    assert answer.status == 200, answer.content
    return {json.loads(line)["actor"]["id"] for line in answer.content.splitlines()} - {None}


async def place_in(world: World, kind: str, name: str) -> str:
    """A place in what a caller may list, for a cursor."""
    answer = await world.functions.call("GET", f"audit/{kind}?limit=1", token=caller(world, name).credential)
    return str(answer.json["next_cursor"])


@pytest.mark.parametrize("kind", ["calls", "changes"])
async def test_nobody_exports_what_is_another_tenant_s(busy: World, kind: str) -> None:
    """Neither by its ids, nor by the place in it that a cursor holds."""
    people = await exported(busy, f"kind={kind}", "owner session")
    assert people
    cursor = await place_in(busy, kind, "owner session")
    asked = ("", f"&resource={busy.objects['incident_id']}", f"&cursor={cursor}", *(f"&person={one}" for one in people))
    for more in asked:
        assert not people & await exported(busy, f"kind={kind}{more}", "other tenant session")


async def test_a_search_through_the_calls_of_all_tenants_is_noticed(
    busy: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    query_of = calls._query

    def of_all(scope: Scope, asked: Wanted, at: calls.Position) -> tuple[str, Mapping[str, Any]]:
        query, values = query_of(scope, asked, at)
        return query.replace("PartitionKey eq @p and ", ""), values

    people = await exported(busy, "kind=calls", "owner session")
    monkeypatch.setattr(calls, "_query", of_all)
    today = f"{busy.functions.runtime.clock.now():%Y-%m-%dT00:00:00Z}"  # for each day goes through the whole table now
    asked = [f"kind=calls&from={today}&person={one}" for one in people]
    found = [await exported(busy, query, "other tenant session") for query in asked]
    assert any(people & one for one in found)
