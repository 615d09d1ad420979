"""People draw links between incidents, and take them away."""

import asyncio
from typing import Any

import psycopg
import pytest

from scripts.proof.functions import Response
from tests.fixtures import DatabaseUrls, register
from tests.functions.incidents.board import MISSING, Board


async def link(board: Board, incident: dict[str, Any], other: dict[str, Any], kind: str = "related") -> Response:
    return await board.call("POST", f"incidents/{incident['id']}/links", {"other_id": other["id"], "kind": kind})


async def unlink(board: Board, incident: dict[str, Any], link_id: str) -> Response:
    return await board.call("DELETE", f"incidents/{incident['id']}/links/{link_id}")


async def links(board: Board, incident: dict[str, Any]) -> list[Any]:
    found: list[Any] = (await board.call("GET", f"incidents/{incident['id']}/links")).json["items"]
    return found


async def test_a_link_is_seen_from_both_ends_and_goes_from_either(board: Board) -> None:
    one, other = await board.opened("One"), await board.opened("Other")
    made = await link(board, one, other, "caused_by")
    assert made.status == 201
    assert await links(board, one) == await links(board, other) == [made.json]
    assert (made.json["incident_id"], made.json["other_id"]) == (one["id"], other["id"])
    assert (await unlink(board, other, made.json["id"])).status == 204
    assert await links(board, one) == await links(board, other) == []
    said = {key: made.json[key] for key in ("id", "incident_id", "other_id", "kind")}
    for incident in (one, other):
        assert [entry["changes"] for entry in await board.changes(incident)] == [
            {"link": [None, said]},
            {"link": [said, None]},
        ]
        assert (await board.see(incident))["version"] == 1


async def test_a_link_that_was_taken_away_comes_back(board: Board) -> None:
    one, other = await board.opened("One"), await board.opened("Other")
    made = (await link(board, one, other)).json
    await unlink(board, one, made["id"])
    assert (await unlink(board, one, made["id"])).status == 404
    assert (await link(board, one, other)).json == made
    assert await links(board, other) == [made]


async def test_a_link_is_drawn_once_but_what_has_a_direction_may_go_both_ways(board: Board) -> None:
    one, other = await board.opened("One"), await board.opened("Other")
    await link(board, one, other)
    for answer in (await link(board, one, other), await link(board, other, one)):
        assert (answer.status, answer.json["type"]) == (409, "/problems/already-linked")
    await link(board, one, other, "caused_by")
    assert (await link(board, other, one, "caused_by")).status == 201
    assert len(await links(board, one)) == 3


@pytest.mark.parametrize("kind", ["recurrence", "friend", None])
async def test_people_draw_links_of_their_own_kinds(board: Board, kind: Any) -> None:
    one, other = await board.opened("One"), await board.opened("Other")
    answer = await link(board, one, other, kind)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "kind")


async def test_an_incident_is_not_linked_to_itself(board: Board) -> None:
    one = await board.opened("One")
    answer = await link(board, one, one)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "other_id")


async def test_links_stay_inside_the_project(board: Board) -> None:
    stranger = Board(board.app, await register(board.app), board.clock)
    ours, theirs = await board.opened("One"), await stranger.opened("One")
    missing: Any = {"id": MISSING}
    made = (await link(board, ours, await board.opened("Other"))).json
    for answer in (
        await link(board, ours, theirs),
        await link(board, ours, missing),
        await link(board, theirs, ours),
        await unlink(stranger, theirs, made["id"]),
        await unlink(stranger, ours, made["id"]),
        await unlink(board, ours, MISSING),
        await board.call("GET", f"incidents/{theirs['id']}/links"),
    ):
        assert answer.status == 404
    assert await links(board, ours) == [made]


async def test_a_link_does_not_wait_for_alerts_that_join_its_incidents(
    board: Board, database_urls: DatabaseUrls
) -> None:
    """Alerts hold the incidents that they join in an order of their own: each would wait for the other."""
    one, other = await board.opened("One"), await board.opened("Other")
    async with await psycopg.AsyncConnection.connect(database_urls.owner) as joining:
        await joining.execute("select from incidents where id = any(%s) for key share", ([one["id"], other["id"]],))
        made = await asyncio.wait_for(link(board, one, other), timeout=10)
    assert made.status == 201


async def test_many_links_come_in_pages_that_join_up(board: Board) -> None:
    hub, *others = [await board.opened(f"Number {number}") for number in range(4)]
    made = [(await link(board, hub, other)).json["id"] for other in others]
    first = (await board.call("GET", f"incidents/{hub['id']}/links?limit=2")).json
    rest = (await board.call("GET", f"incidents/{hub['id']}/links?limit=2&cursor={first['next_cursor']}")).json
    assert [one["id"] for one in first["items"] + rest["items"]] == made
    assert rest["next_cursor"] is None
