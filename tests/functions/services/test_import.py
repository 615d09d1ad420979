"""Importing a catalogue: as often as one likes, dry first if one likes, and never taking anything away."""

from typing import Any

import psycopg

from shared.services.events import DependencyAdded, ServiceCreated, ServiceUpdated
from tests.fixtures import App, Tenant
from tests.functions.services.test_services import depend, log, make, show

DOCUMENT = {
    "services": [
        {"name": "web", "tier": 1, "depends_on": ["checkout", "web"]},
        {"name": "checkout", "owner": "team-pay", "depends_on": ["db"]},
    ],
    "dependencies": [{"caller": "web", "callee": "checkout"}, {"caller": "db", "callee": "disk"}],
}


async def bring_in(app: App, tenant: Tenant, document: Any, query: str = "") -> Any:
    answer = await app.call("POST", f"services/import{query}", document, token=tenant.token)
    assert answer.status == 200, answer.content
    return answer.json


async def catalogue(app: App, tenant: Tenant) -> dict[str, Any]:
    items = (await app.call("GET", "services", token=tenant.token)).json["items"]
    return {one["name"]: one for one in items}


async def test_an_import_again_changes_nothing(app: App, tenant: Tenant, owner: psycopg.AsyncConnection) -> None:
    first = await bring_in(app, tenant, DOCUMENT)
    assert first["services_created"] == ["web", "checkout", "db", "disk"]
    assert [(one["caller"], one["callee"]) for one in first["dependencies_created"]] == [
        ("web", "checkout"),
        ("checkout", "db"),
        ("db", "disk"),
    ]
    again = await bring_in(app, tenant, DOCUMENT)
    assert (again["services_created"], again["services_changed"], again["dependencies_created"]) == ([], [], [])
    assert (again["services_unchanged"], again["dependencies_unchanged"]) == (4, 3)
    found = await catalogue(app, tenant)
    assert {one["source"] for one in found.values()} == {"import"}
    assert (found["web"]["tier"], found["web"]["version"]) == (1, 1)
    assert len(await log(owner, tenant).rows(ServiceCreated, DependencyAdded, ServiceUpdated)) == 7


async def test_a_dry_run_says_the_same_and_stores_nothing(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    dry = await bring_in(app, tenant, DOCUMENT, "?dry_run=true")
    assert await catalogue(app, tenant) == {}
    assert await log(owner, tenant).rows(ServiceCreated) == []
    assert dry["dry_run"] is True
    assert await bring_in(app, tenant, DOCUMENT) == {**dry, "dry_run": False}


async def test_what_is_not_named_stays(app: App, tenant: Tenant) -> None:
    made = await make(app, tenant, "web", owner="team-web", tier=3)
    other = await make(app, tenant, "mail")
    await depend(app, tenant, made, other)
    done = await bring_in(app, tenant, {"services": [{"name": "web", "tier": 2}]})
    assert done["services_changed"] == ["web"]
    found = await show(app, tenant, made)
    assert (found["tier"], found["owner"], found["source"], len(found["depends_on"])) == (2, "team-web", "manual", 1)


async def test_an_import_brings_back_a_dependency_that_was_removed(app: App, tenant: Tenant) -> None:
    web, mail = await make(app, tenant, "web"), await make(app, tenant, "mail")
    await depend(app, tenant, web, mail)
    await depend(app, tenant, web, mail, "DELETE")
    done = await bring_in(app, tenant, {"dependencies": [{"caller": "web", "callee": "mail"}]})
    assert len(done["dependencies_created"]) == 1
    assert len((await show(app, tenant, web))["depends_on"]) == 1


async def test_a_name_twice_is_refused_whole(app: App, tenant: Tenant) -> None:
    document = {"services": [{"name": "a"}, {"name": "a", "tier": 1}]}
    answer = await app.call("POST", "services/import", document, token=tenant.token)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "services.1.name")
    assert await catalogue(app, tenant) == {}


async def test_more_than_a_catalogue_holds_is_refused(app: App, tenant: Tenant) -> None:
    full = {"services": [{"name": f"s{n}"} for n in range(2_000)]}
    await bring_in(app, tenant, full)
    for document in ({"services": [{"name": "one more"}]}, {"dependencies": [{"caller": "s1", "callee": "new"}]}):
        answer = await app.call("POST", "services/import", document, token=tenant.token)
        assert (answer.status, answer.json["type"]) == (409, "/problems/too-many-services")
    assert (await app.call("POST", "services", {"name": "one more"}, token=tenant.token)).status == 409
