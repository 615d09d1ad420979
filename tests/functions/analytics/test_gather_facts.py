"""Gathering: answers are the same before it, after it, and wherever it stops."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from shared.analytics import facts
from shared.analytics.facts import gather
from shared.incidents.commands import transition
from shared.incidents.lifecycle import State
from shared.kernel.values import Actor, ActorKind, IncidentId, ProjectId, TenantId, system_actor
from tests.functions.incidents.board import Board

PATH = "analytics/incidents?from=2026-01-01T00:00:00Z"


async def gathered(board: Board) -> int:
    async with board.app.runtime.transaction(system_actor(TenantId(UUID(board.tenant.tenant_id)))) as tx:
        return await gather(tx, ProjectId(UUID(board.tenant.project_id)))


async def states(board: Board) -> dict[str, int]:
    """Return the figures anew, and never a kept answer: each time for another length of the future."""
    board.clock.advance(seconds=1)
    until = board.clock.now().replace(microsecond=0).isoformat().replace("+00:00", "Z")
    found: dict[str, int] = (await board.call("GET", f"{PATH}&to={until}")).json["by_state"]
    return found


def owner_of(board: Board) -> Actor:
    tenant = board.tenant
    return Actor(kind=ActorKind.USER, id=UUID(tenant.user_id), tenant_id=TenantId(UUID(tenant.tenant_id)))


async def test_the_timer_gathers_what_has_news_and_nothing_else(board: Board, owner: psycopg.AsyncConnection) -> None:
    incident = await board.opened("A")
    await board.app.tick("gather_facts")
    query = "select state, xmin::text from incident_facts where tenant_id = %s"
    first = await (await owner.execute(query, (board.tenant.tenant_id,))).fetchall()
    assert [row[0] for row in first] == ["detected"]
    await board.app.tick("gather_facts")
    assert await (await owner.execute(query, (board.tenant.tenant_id,))).fetchall() == first
    await board.move(incident, "acknowledged")
    await board.app.tick("gather_facts")
    last = await (await owner.execute(query, (board.tenant.tenant_id,))).fetchall()
    assert [row[0] for row in last] == ["acknowledged"]


async def test_what_commits_late_is_seen_and_gathered(board: Board) -> None:
    incident = await board.opened("A")
    project = ProjectId(UUID(board.tenant.project_id))
    async with board.app.runtime.transaction(owner_of(board)) as tx:
        incident_id = IncidentId(UUID(incident["id"]))
        await transition(tx, project, incident_id, to=State.ACKNOWLEDGED, note="", expected=None)
        await tx.session.flush()
        await gathered(board)
        assert await states(board) == {"detected": 1}
    assert await states(board) == {"acknowledged": 1}
    assert await gathered(board) == 1
    assert await states(board) == {"acknowledged": 1}


async def test_two_that_gather_at_once_gather_once(board: Board) -> None:
    for problem in "ABC":
        await board.opened(problem)
    assert sorted(await asyncio.gather(gathered(board), gathered(board))) == [0, 3]
    assert await states(board) == {"detected": 3}


async def test_a_round_of_many_batches_is_exact_at_each_step(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "_AT_ONCE", 2)
    incidents = [await board.opened(problem) for problem in "ABCDE"]
    assert await gathered(board) == 2
    assert await states(board) == {"detected": 5}
    for incident in (incidents[0], incidents[4]):  # behind the round, and ahead of it
        await board.move(incident, "acknowledged")
    assert await states(board) == {"detected": 3, "acknowledged": 2}
    assert [await gathered(board) for _ in range(4)] == [2, 1, 2, 0]
    assert await states(board) == {"detected": 3, "acknowledged": 2}


async def test_facts_of_another_server_are_gathered_anew(board: Board, owner: psycopg.AsyncConnection) -> None:
    incident = await board.opened("A")
    await gathered(board)
    await board.move(incident, "acknowledged")
    ahead = "update analytics_progress set seen = %s, floor = %s where tenant_id = %s"
    await owner.execute(ahead, ("4000000000:4000000000:", 4_000_000_000, board.tenant.tenant_id))
    assert await states(board) == {"acknowledged": 1}
    assert await gathered(board) == 1
    assert await states(board) == {"acknowledged": 1}
