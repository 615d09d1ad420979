"""Incidents that are over go when their tenant keeps none for so long: whole, and no others."""

import asyncio
import logging
import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from shared.hypotheses import budget, purging
from shared.hypotheses.purging import purge
from shared.kernel.values import ProjectId, system_actor
from shared.platform.faults import arm
from shared.views.schema import METADATA
from tests.fixtures import DatabaseUrls, register
from tests.functions.audit.audited import id_of
from tests.functions.incidents.board import Board
from tests.functions.incidents.test_merge_incidents import waiting

# Every column that leads to an incident by a foreign key.
LEADING = sorted(
    (table.name, key.column_keys[-1])
    for table in METADATA.tables.values()
    for key in table.foreign_key_constraints
    if key.referred_table.name == "incidents"
)


async def keep_for(board: Board, days: int | None) -> None:
    answer = await board.call("PATCH", "tenant", {"incident_retention_days": days})
    assert answer.status == 200


async def over(board: Board, problem: str, to: str = "resolved") -> dict[str, Any]:
    """Return an incident whose alert has resolved, and that somebody closed."""
    incident = await board.opened(problem)
    await board.post(problem, "resolved")
    if to == "inconclusive":
        assert (await board.move(incident, "investigating")).status == 200
    assert (await board.move(incident, "resolved" if to == "archived" else to)).status == 200
    if to == "archived":
        assert (await board.call("DELETE", f"incidents/{incident['id']}")).status == 204
    return incident


async def numbers(board: Board) -> set[int]:
    """Return the numbers of the incidents that are there, archived ones too."""
    shown = [(await board.call("GET", path)).json["items"] for path in ("incidents", "incidents?archived=true")]
    return {one["number"] for items in shown for one in items}


async def tick(board: Board) -> None:
    await board.app.tick("purge_incidents")


async def leading_to(owner: psycopg.AsyncConnection, ids: list[str]) -> dict[tuple[str, str], int]:
    """Return how many rows lead to these incidents, by table and column."""
    found = {}
    for table, column in LEADING:
        query = sql.SQL("select count(*) from {} where {} = any(%s::uuid[])")
        counted = await owner.execute(query.format(sql.Identifier(table), sql.Identifier(column)), (ids,))
        ((found[table, column],),) = await counted.fetchall()
    return found


async def test_what_is_old_goes_with_all_that_hangs_on_it(board: Board, owner: psycopg.AsyncConnection) -> None:
    await keep_for(board, 30)
    main, merged, linked = [await board.opened(problem) for problem in ("Slow", "Down", "Full")]
    ids = [one["id"] for one in (main, merged, linked)]
    path = f"incidents/{main['id']}"
    for one, another in ((main, linked), (linked, main)):
        await board.call("POST", f"incidents/{one['id']}/links", {"other_id": another["id"], "kind": "caused_by"})
    seen = {"kind": "log", "at": "2026-11-20T10:00:00Z", "title": "the log of the shop"}
    await board.call("POST", f"{path}/evidence", {"items": [seen]})
    await board.app.carry()
    (best, *_) = (await board.call("GET", f"{path}/hypotheses")).json["items"]
    await board.call("POST", f"hypotheses/{best['id']}/check", {"outcome": "unclear"})
    await board.call("POST", f"{path}/comments", {"body": "Seen."})
    await board.call("PUT", f"{path}/postmortem", {"body": "# What happened"})
    await board.merge(main, merged)
    await ask_a_model(board, main)
    for problem in ("Slow", "Down", "Full"):
        await board.post(problem, "resolved")
    await board.app.carry()
    for one in (main, linked):
        assert (await board.move(one, "resolved")).status == 200
    assert [place for place, count in (await leading_to(owner, ids)).items() if not count] == []

    board.clock.advance(days=31)
    await tick(board)
    assert await numbers(board) == set()
    assert set((await leading_to(owner, ids)).values()) == {0}
    assert (await board.call("GET", path)).status == 404
    left = await owner.execute("select outcome from ai_requests where incident_id = %s", (main["id"],))
    assert len(await left.fetchall()) == 1


async def ask_a_model(board: Board, incident: dict[str, Any]) -> None:
    async with board.app.runtime.transaction(system_actor(id_of(board.tenant))) as tx:
        subject = budget.Subject(
            tenant_id=tx.tenant_id,
            project_id=ProjectId(UUID(board.tenant.project_id)),
            incident_id=UUID(incident["id"]),
            model="a model",
        )
        await budget.reserve(tx, subject, Decimal(1), Decimal(20))


@pytest.mark.parametrize("to", ["resolved", "inconclusive", "archived"])
async def test_whatever_is_over_goes_after_its_time_and_not_a_day_before(board: Board, to: str) -> None:
    await keep_for(board, 30)
    await over(board, "Slow", to)
    board.clock.advance(days=29, hours=23)
    await tick(board)
    assert await numbers(board) == {1}
    board.clock.advance(hours=2)
    await tick(board)
    assert await numbers(board) == set()


async def test_without_a_time_or_under_a_legal_hold_everything_stays(board: Board) -> None:
    await over(board, "Slow")
    board.clock.advance(days=4_000)
    await tick(board)
    await keep_for(board, 30)
    await board.call("PATCH", "tenant", {"legal_hold": True})
    await tick(board)
    assert await purge(board.app.runtime, id_of(board.tenant), ends=math.inf) == 0  # it may begin during a run
    assert await numbers(board) == {1}
    await board.call("PATCH", "tenant", {"legal_hold": False})
    await keep_for(board, None)
    await tick(board)
    assert await numbers(board) == {1}
    await keep_for(board, 3_650)
    await tick(board)
    assert await numbers(board) == set()


async def test_what_is_open_or_fires_still_stays(board: Board) -> None:
    await keep_for(board, 30)
    await board.opened("Slow")
    firing = await board.opened("Down")
    assert (await board.move(firing, "resolved")).status == 200
    await over(board, "Full")
    board.clock.advance(days=31)
    await tick(board)
    assert await numbers(board) == {1, 2}
    await board.post("Down", "resolved")
    board.clock.advance(days=31)
    await tick(board)
    assert await numbers(board) == {1}


@pytest.mark.parametrize("path", ["comments", "postmortem"])
async def test_what_people_still_write_about_stays(board: Board, path: str) -> None:
    await keep_for(board, 30)
    incident = await over(board, "Slow")
    board.clock.advance(days=20)
    method = "PUT" if path == "postmortem" else "POST"
    assert (await board.call(method, f"incidents/{incident['id']}/{path}", {"body": "Words."})).status < 300
    board.clock.advance(days=29)
    await tick(board)
    assert await numbers(board) == {1}
    board.clock.advance(days=2)
    await tick(board)
    assert await numbers(board) == set()


@pytest.mark.parametrize("young", [0, 1])
async def test_merged_incidents_go_together_or_not_at_all(board: Board, young: int) -> None:
    await keep_for(board, 30)
    target, source = await board.opened("Slow"), await board.opened("Down")
    await board.merge(target, source)
    for problem in ("Slow", "Down"):
        await board.post(problem, "resolved")
    await board.move(target, "resolved")
    board.clock.advance(days=20)
    path = f"incidents/{(target, source)[young]['id']}/comments"
    assert (await board.call("POST", path, {"body": "Words."})).status == 201
    board.clock.advance(days=20)
    await tick(board)
    assert await numbers(board) == {1, 2}
    board.clock.advance(days=20)
    await tick(board)
    assert await numbers(board) == set()


async def test_a_link_to_what_has_gone_goes_and_the_younger_incident_stays(board: Board) -> None:
    await keep_for(board, 30)
    old = await over(board, "Slow")
    board.clock.advance(days=20)
    young = await over(board, "Down")
    await board.call("POST", f"incidents/{young['id']}/links", {"other_id": old["id"], "kind": "related"})
    board.clock.advance(days=20)
    await board.call("POST", f"incidents/{young['id']}/comments", {"body": "Words."})
    board.clock.advance(days=20)
    await tick(board)
    assert await numbers(board) == {2}
    assert (await board.call("GET", f"incidents/{young['id']}/links")).json["items"] == []


async def test_an_incident_whose_analysis_explains_a_younger_one_stays(
    board: Board, owner: psycopg.AsyncConnection
) -> None:
    await keep_for(board, 30)
    leader = await over(board, "Slow")
    await board.app.carry()
    board.clock.advance(days=20)
    follower = await over(board, "Down")
    await board.app.carry()
    await owner.execute("update analyses set leader_id = %s where id = %s", (leader["id"], follower["id"]))
    board.clock.advance(days=11)
    await tick(board)
    assert await numbers(board) == {1, 2}
    board.clock.advance(days=20)
    await tick(board)
    assert await numbers(board) == set()


async def test_other_tenants_keep_what_is_theirs(board: Board) -> None:
    other = replace(board, tenant=await register(board.app))
    for one, days in ((board, 30), (other, 60)):
        await keep_for(one, days)
        await over(one, "Slow")
    board.clock.advance(days=31)
    await tick(board)
    assert (await numbers(board), await numbers(other)) == (set(), {1})


async def test_one_tenant_s_failure_spares_the_others(
    board: Board, owner: psycopg.AsyncConnection, caplog: pytest.LogCaptureFixture
) -> None:
    other = replace(board, tenant=await register(board.app))
    for one in (board, other):
        await keep_for(one, 30)
        await over(one, "Slow")
    broken = await board.opened("Down")  # an alert of it says that it belongs to the old one
    await owner.execute(
        "update alerts set merged_from = (select id from incidents where tenant_id = %(tenant)s and number = 1)"
        " where incident_id = %(broken)s",
        {"tenant": board.tenant.tenant_id, "broken": broken["id"]},
    )
    board.clock.advance(days=31)
    with caplog.at_level(logging.ERROR):
        await tick(board)
    assert (await numbers(board), await numbers(other)) == ({1, 2}, set())
    assert board.tenant.tenant_id in caplog.text


async def test_a_crash_leaves_whole_incidents_and_the_next_run_goes_on(
    board: Board, owner: psycopg.AsyncConnection
) -> None:
    await keep_for(board, 30)
    stays, *gone = [await over(board, problem) for problem in ("Stays", "One", "Two", "Three")]
    board.clock.advance(days=2)
    comment = await board.call("POST", f"incidents/{stays['id']}/comments", {"body": "Seen again."})
    assert comment.status == 201  # what is behind it gets its turn all the same
    board.clock.advance(days=29)
    passed: list[str] = []

    def crash(point: str) -> None:
        if point == "purge.before_commit":
            passed.append(point)
            if len(passed) == 3:
                raise RuntimeError("the process died")

    arm(crash)
    try:
        with pytest.raises(RuntimeError):
            await purge(board.app.runtime, id_of(board.tenant), ends=math.inf, step=1)
    finally:
        arm(None)
    assert await numbers(board) == {1, 3, 4}
    assert (await leading_to(owner, [gone[1]["id"]]))["alerts", "incident_id"] == 1
    assert await purge(board.app.runtime, id_of(board.tenant), ends=math.inf, step=1) == 2
    assert await numbers(board) == {1}


async def test_many_that_may_not_go_do_not_keep_what_may(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    """People resolve by hand what some senders never say is over: those fire for ever."""
    monkeypatch.setattr(purging, "_MAX_STEPS", 2)
    await keep_for(board, 30)
    for problem in ("Slow", "Down", "Full"):
        assert (await board.move(await board.opened(problem), "resolved")).status == 200
    await over(board, "Late")
    board.clock.advance(days=31)
    assert await purge(board.app.runtime, id_of(board.tenant), ends=math.inf, step=1) == 1
    assert await numbers(board) == {1, 2, 3}


async def test_a_run_that_has_no_time_left_purges_nothing(board: Board) -> None:
    await keep_for(board, 30)
    await over(board, "Slow")
    board.clock.advance(days=31)
    assert await purge(board.app.runtime, id_of(board.tenant), ends=-math.inf) == 0
    assert await numbers(board) == {1}


async def test_the_audit_says_what_was_purged_and_keeps_what_had_happened_to_it(
    board: Board, owner: psycopg.AsyncConnection
) -> None:
    await keep_for(board, 30)
    incident = await over(board, "Slow")
    board.clock.advance(days=31)
    await tick(board)
    (entry,) = (await board.call("GET", "audit/changes?action=incident.purged")).json["items"]
    assert (entry["resource_id"], entry["actor"]["kind"]) == (incident["id"], "system")
    assert entry["changes"] == {"number": {"before": 1, "after": None}}
    found = await owner.execute(
        "select type, data, incident_id is null from event_log where tenant_id = %s and subject_id = %s"
        " order by position",
        (board.tenant.tenant_id, incident["id"]),
    )
    first, *_, last = await found.fetchall()
    assert (first[0], last) == ("incident.created", ("incident.purged", {"number": 1}, True))


async def test_what_was_counted_stays_counted(board: Board) -> None:
    await keep_for(board, 30)
    await over(board, "Slow")
    await board.app.tick("gather_facts")
    board.clock.advance(days=31)
    path = f"analytics/incidents?from={(board.clock.now() - timedelta(days=60)).date()}T00:00:00Z"
    before = (await board.call("GET", path)).json
    await tick(board)
    await board.app.tick("gather_facts")
    assert before["incidents"] == 1
    assert (await board.call("GET", path)).json == before


async def test_what_comes_late_of_a_purged_alert_opens_nothing_and_its_next_fire_a_new_incident(board: Board) -> None:
    await keep_for(board, 30)
    await over(board, "Slow")
    board.clock.advance(days=31)
    await tick(board)
    await board.post("Slow", "resolved")
    assert await numbers(board) == set()
    await board.post("Slow", startsAt=board.clock.now().isoformat())
    assert await numbers(board) == {2}


async def test_an_alert_that_comes_meanwhile_waits_and_opens_an_incident_without_a_link(
    board: Board, owner: psycopg.AsyncConnection
) -> None:
    incident = await over(board, "Slow")
    board.clock.advance(days=31)
    fires = board.clock.now().isoformat()
    async with board.app.runtime.transaction(system_actor(id_of(board.tenant)), privileged=True) as tx:
        await purging._delete(tx, {UUID(incident["id"])}, board.clock.now())
        posting = asyncio.create_task(board.post("Slow", startsAt=fires))
        async with asyncio.timeout(10):
            while not await waiting(owner):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.01)
    await posting
    assert await numbers(board) == {2}


async def test_alerts_that_never_had_an_incident_go_at_the_same_age(
    board: Board, owner: psycopg.AsyncConnection
) -> None:
    await keep_for(board, 30)
    days = {"Old": 31, "Young": 29}
    now = board.clock.now()
    for problem, age in days.items():
        await board.post(problem, "resolved", startsAt=(now - timedelta(days=age)).isoformat())
    await board.post("Ended", "resolved", startsAt=(now - timedelta(days=31)).isoformat(), endsAt=now.isoformat())
    await tick(board)
    found = await owner.execute(
        "select labels ->> 'alertname' from alerts where tenant_id = %s order by 1", (board.tenant.tenant_id,)
    )
    assert await found.fetchall() == [("Ended",), ("Young",)]


async def test_the_database_itself_keeps_what_is_open_and_what_is_another_tenant_s(
    board: Board, database_urls: DatabaseUrls
) -> None:
    await board.opened("Slow")
    await over(board, "Down")
    other = replace(board, tenant=await register(board.app))
    await over(other, "Down")
    async with await psycopg.AsyncConnection.connect(database_urls.system) as connection:
        await connection.execute("select set_config('app.tenant_id', %s, true)", (board.tenant.tenant_id,))
        for table, deleted in (("alerts", 1), ("incidents", 1)):
            query = sql.SQL("delete from {} where tenant_id = any(%s::uuid[])").format(sql.Identifier(table))
            gone = await connection.execute(query, ([board.tenant.tenant_id, other.tenant.tenant_id],))
            assert gone.rowcount == deleted
        await connection.rollback()


@pytest.mark.parametrize(("days", "status"), [(30, 200), (3_650, 200), (None, 200), (29, 422), (3_651, 422)])
async def test_the_time_is_set_within_limits_and_taken_away_by_null(
    board: Board, days: int | None, status: int
) -> None:
    await keep_for(board, 90)
    answer = await board.call("PATCH", "tenant", {"incident_retention_days": days})
    assert answer.status == status
    kept = (await board.call("GET", "tenant")).json["incident_retention_days"]
    assert kept == (days if status == 200 else 90)


async def test_a_change_that_does_not_name_it_leaves_it_and_the_audit_says_who_changed_it(board: Board) -> None:
    assert (await board.call("GET", "tenant")).json["incident_retention_days"] is None
    await keep_for(board, 90)
    renamed = await board.call("PATCH", "tenant", {"name": "Renamed"}, headers={"if-match": '"2"'})
    assert (renamed.status, renamed.json["incident_retention_days"]) == (200, 90)
    stale = await board.call("PATCH", "tenant", {"incident_retention_days": None}, headers={"if-match": '"2"'})
    assert stale.status == 412
    entries = (await board.call("GET", "audit/changes?action=tenant.updated")).json["items"]
    assert entries[-1]["changes"] == {"incident_retention_days": {"before": None, "after": 90}}
