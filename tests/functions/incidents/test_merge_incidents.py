"""Several incidents become one, and several again."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest

from scripts.proof.functions import Response
from shared.incidents import merging
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.faults import arm
from tests.fixtures import register
from tests.functions.incidents.board import MISSING, Board


async def test_a_merge_moves_the_alerts_and_closes_the_source(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down", pod=1)
    answer = await board.merge(target, source, headers={"if-match": '"1"'})
    assert (answer.status, answer.json["version"], answer.json["alert_count"]) == (200, 2, 2)
    assert await board.alerts(target) == {("Slow", "0"), ("Down", "1")}
    merged = await board.see(source)
    assert (merged["state"], merged["merged_into"], merged["allowed_transitions"]) == ("resolved", target["id"], [])
    assert (merged["alert_count"], merged["version"]) == (0, 2)
    (entry,) = await board.changes(source)
    assert entry["changes"] == {"state": ["detected", "resolved"], "merged_into": [None, target["id"]]}
    assert entry["note"] == "Merged into INC-1."
    (entry,) = await board.changes(target)
    assert (entry["changes"], entry["note"]) == ({"merged": [[], [source["id"]]]}, "INC-2 merged into this.")


async def test_a_target_becomes_as_severe_as_the_worst_but_keeps_its_name(board: Board) -> None:
    target = await board.opened("Slow")
    earlier: dict[str, Any] = {
        "labels": {"alertname": "Down", "pod": "0", "severity": "page"},
        "startsAt": "2026-11-20T09:00:00Z",
    }
    source = await board.opened("Down", **earlier)
    merged = (await board.merge(target, source)).json
    assert (merged["severity"], merged["title"]) == ("critical", target["title"])
    for words in ("Other words", "Still other words"):  # whichever has the greater hash is kept
        await board.post("Down", annotations={"summary": words}, **earlier)
    assert (await board.see(target))["title"] == target["title"]


async def test_what_fires_on_the_sources_key_joins_the_target(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    await board.merge(target, source)
    await board.post("Down", pod=7)
    assert await board.alerts(target) == {("Slow", "0"), ("Down", "0"), ("Down", "7")}
    assert len(await board.all()) == 2


async def test_what_fires_when_the_target_is_closed_for_long_opens_an_incident_linked_to_it(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    await board.merge(target, source)
    await board.move(target, "resolved")
    board.clock.advance(minutes=31)
    opened = await board.opened("Down", pod=7)
    assert (opened["number"], await board.alerts(opened)) == (3, {("Down", "7")})


async def test_what_fires_inside_the_targets_reopen_window_reopens_it(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    await board.merge(target, source)
    await board.move(target, "resolved")
    board.clock.advance(minutes=29)
    await board.post("Down", pod=7)
    await board.app.carry()
    assert ((await board.see(target))["state"], len(await board.all())) == ("investigating", 2)


async def test_unmerging_brings_back_exactly_what_came_and_what_came_since(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    await board.merge(target, source)
    await board.post("Down", pod=7)
    await board.post("Slow", pod=8)
    answer = await board.unmerge(source, headers={"if-match": '"2"'})
    assert (answer.status, answer.json["state"], answer.json["merged_into"]) == (200, "investigating", None)
    assert await board.alerts(source) == {("Down", "0"), ("Down", "7")}
    assert await board.alerts(target) == {("Slow", "0"), ("Slow", "8")}
    assert (await board.changes(source))[-1]["changes"] == {
        "state": ["resolved", "investigating"],
        "merged_into": [target["id"], None],
    }
    assert (await board.changes(target))[-1]["note"] == "INC-2 was taken out."
    await board.post("Down", pod=9)
    assert ("Down", "9") in await board.alerts(source)


async def test_the_machine_looks_at_both_after_an_unmerge(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    await board.post("Slow", "resolved", endsAt="2026-11-20T10:05:00Z")
    await board.app.carry()
    assert (await board.merge(target, source)).json["state"] == "investigating"  # what came still fires
    await board.app.carry()
    assert (await board.see(target))["state"] == "investigating"
    await board.unmerge(source)
    await board.app.carry()
    assert [one["state"] for one in await board.all()] == ["investigating", "mitigated"]


async def test_an_incident_that_was_resolved_stays_so_when_it_is_unmerged(board: Board) -> None:
    source, target = await board.opened("Down"), await board.opened("Slow")
    await board.move(source, "resolved")
    await board.merge(target, source)
    assert (await board.unmerge(source)).json["state"] == "resolved"
    await board.app.carry()
    assert (await board.see(source))["state"] == "resolved"


async def test_what_was_merged_into_a_source_goes_along_and_comes_out_by_itself(board: Board) -> None:
    first, second, third = [await board.opened(name) for name in ("One", "Two", "Three")]
    await board.merge(second, third)
    await board.merge(first, second)
    assert [(await board.see(one))["merged_into"] for one in (second, third)] == [first["id"]] * 2
    await board.post("Three", pod=3)
    assert await board.alerts(first) == {("One", "0"), ("Two", "0"), ("Three", "0"), ("Three", "3")}
    await board.unmerge(second)
    assert await board.alerts(second) == {("Two", "0")}
    await board.unmerge(third)
    assert await board.alerts(third) == {("Three", "0"), ("Three", "3")}
    assert await board.alerts(first) == {("One", "0")}


async def test_unmerging_is_refused_while_another_incident_is_open_on_the_same_problem(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    await board.merge(target, source)
    await board.move(target, "resolved")
    board.clock.advance(minutes=31)
    await board.post("Down", pod=7)
    answer = await board.unmerge(source)
    assert (answer.status, answer.json["type"]) == (409, "/problems/another-incident-open")
    assert await board.alerts(target) == {("Slow", "0"), ("Down", "0")}


async def test_a_merged_incident_cannot_be_moved_merged_or_merged_into(board: Board) -> None:
    target, source, other = [await board.opened(name) for name in ("One", "Two", "Three")]
    await board.merge(target, source)
    refusals = [
        await board.move(source, "investigating"),
        await board.merge(other, source),
        await board.merge(source, other),
    ]
    assert {(one.status, one.json["type"]) for one in refusals} == {(409, "/problems/incident-merged")}
    assert {one.json["merged_into"] for one in refusals} == {target["id"]}


@pytest.mark.parametrize(
    ("target", "source", "problem"),
    [
        ("resolved", "detected", "/problems/target-closed"),
        ("inconclusive", "detected", "/problems/target-closed"),
        ("detected", "inconclusive", "/problems/source-concluded"),
    ],
)
async def test_only_what_is_open_takes_and_only_what_is_open_or_resolved_goes(
    board: Board, target: str, source: str, problem: str
) -> None:
    incidents = [await board.opened("One"), await board.opened("Two")]
    for incident, state in zip(incidents, (target, source), strict=True):
        if state == "inconclusive":
            await board.move(incident, "investigating")
        await board.move(incident, state)
    answer = await board.merge(*incidents)
    assert (answer.status, answer.json["type"]) == (409, problem)


async def test_an_incident_is_not_merged_into_itself(board: Board) -> None:
    incident = await board.opened("One")
    answer = await board.merge(incident, incident)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "sources")


async def test_what_is_not_merged_cannot_be_unmerged(board: Board) -> None:
    answer = await board.unmerge(await board.opened("One"))
    assert (answer.status, answer.json["type"]) == (409, "/problems/not-merged")


async def test_a_stale_version_merges_and_unmerges_nothing(board: Board) -> None:
    target, source = await board.opened("One"), await board.opened("Two")
    stale = {"if-match": '"9"'}
    assert (await board.merge(target, source, headers=stale)).status == 412
    await board.merge(target, source)
    assert (await board.unmerge(source, headers=stale)).status == 412
    assert (await board.see(source))["merged_into"] == target["id"]


async def test_another_tenants_incident_is_merged_with_nothing(board: Board) -> None:
    theirs = await Board(board.app, await register(board.app), board.clock).opened("One")
    ours = await board.opened("Two")
    missing: Any = {"id": MISSING}
    answers = [
        await board.merge(ours, theirs),
        await board.merge(ours, missing),
        await board.merge(theirs, ours),
        await board.merge(missing, ours),
        await board.unmerge(theirs),
        await board.unmerge(missing),
    ]
    assert {(answer.status, answer.json["type"]) for answer in answers} == {(404, "/problems/incident-not-found")}


@pytest.mark.parametrize("sources", [[], ["no id"], None, [MISSING] * 51])
async def test_a_merge_that_names_no_incidents_is_refused(board: Board, sources: Any) -> None:
    target = await board.opened("One")
    answer = await board.call("POST", f"incidents/{target['id']}/merge", {"sources": sources})
    assert (answer.status, answer.json["errors"][0]["field"].split(".")[0]) == (422, "sources")


async def test_alerts_that_come_while_incidents_merge_and_unmerge_are_where_they_belong(board: Board) -> None:
    """Both transactions hold several incidents and alerts; neither may wait for the other in a circle."""
    incidents = [await board.opened(name) for name in ("One", "Two", "Three")]

    async def merge_and_unmerge() -> None:
        for target, source in (incidents[:2], incidents[1::-1], incidents[1:], incidents[:0:-1]):
            assert (await board.merge(target, source)).status == 200
            assert (await board.unmerge(source)).status == 200

    async def fire(pod: int) -> None:
        for problem in ("One", "Two", "Three"):
            await board.post(problem, pod=pod)
            await board.post(problem, "resolved", pod=pod, endsAt="2026-11-20T10:05:00Z")

    await asyncio.gather(merge_and_unmerge(), *(fire(pod) for pod in range(1, 9)))
    for incident, problem in zip(incidents, ("One", "Two", "Three"), strict=True):
        assert await board.alerts(incident) == {(problem, str(pod)) for pod in range(9)}


async def test_a_merge_that_comes_between_the_statements_of_ingest_takes_the_alert_along(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    merges: list[asyncio.Task[Response]] = []

    def meanwhile(point: str) -> None:
        if point == "ingest.between_statements":
            arm(None)
            merges.append(asyncio.create_task(board.merge(target, source)))

    arm(meanwhile)
    await board.post("Down", pod=7)
    assert (await merges[0]).status == 200
    assert await board.alerts(target) == {("Slow", "0"), ("Down", "0"), ("Down", "7")}


async def test_an_alert_that_comes_during_a_merge_waits_and_joins_the_target(
    board: Board, owner: psycopg.AsyncConnection
) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    actor = system_actor(TenantId(UUID(board.tenant.tenant_id)))
    project_id = ProjectId(UUID(board.tenant.project_id))
    async with board.app.runtime.transaction(actor) as tx:
        await merging.merge_incidents(tx, project_id, UUID(target["id"]), [UUID(source["id"])])
        posting = asyncio.create_task(board.post("Down", pod=7))
        async with asyncio.timeout(10):
            while not await waiting(owner):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.01)
    await posting
    assert ("Down", "7") in await board.alerts(target)


async def waiting(owner: psycopg.AsyncConnection) -> bool:
    """Whether somebody waits for an advisory lock of this database."""
    query = (
        "select exists (select from pg_locks where not granted and locktype = 'advisory'"
        " and database = (select oid from pg_database where datname = current_database()))"
    )
    return (await (await owner.execute(query)).fetchone()) == (True,)
