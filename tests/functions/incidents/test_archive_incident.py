"""Closed incidents leave the lists, and come back."""

from typing import Any

from scripts.proof.functions import Response
from tests.fixtures import register
from tests.functions.incidents.board import MISSING, Board


async def archive(board: Board, incident: dict[str, Any], **given: Any) -> Response:
    return await board.call("DELETE", f"incidents/{incident['id']}", **given)


async def restore(board: Board, incident: dict[str, Any], **given: Any) -> Response:
    return await board.call("POST", f"incidents/{incident['id']}/restore", **given)


async def archived(board: Board) -> dict[str, Any]:
    incident = await board.opened("Down")
    await board.move(incident, "resolved")
    assert (await archive(board, incident)).status == 204
    return incident


async def test_an_archived_incident_is_out_of_the_lists_until_it_is_restored(board: Board) -> None:
    incident = await archived(board)
    assert await board.all() == []
    (listed,) = (await board.call("GET", "incidents?archived=true")).json["items"]
    assert (listed["id"], listed["allowed_transitions"]) == (incident["id"], [])
    assert listed["archived_at"] is not None
    assert (await restore(board, incident)).json["archived_at"] is None
    assert [one["id"] for one in await board.all()] == [incident["id"]]
    before_and_after = [entry["changes"].get("archived_at") for entry in await board.changes(incident)]
    assert before_and_after[1][1] == before_and_after[2][0] is not None


async def test_an_open_incident_is_not_archived(board: Board) -> None:
    answer = await archive(board, await board.opened("Down"))
    assert (answer.status, answer.json["type"]) == (409, "/problems/incident-open")


async def test_archiving_and_restoring_again_change_nothing(board: Board) -> None:
    incident = await archived(board)
    assert (await archive(board, incident)).status == 204
    assert (await board.see(incident))["version"] == 3
    for _ in range(2):
        assert (await restore(board, incident)).json["version"] == 4


async def test_an_archived_incident_is_neither_moved_nor_merged_nor_linked(board: Board) -> None:
    incident, other = await archived(board), await board.opened("Slow")
    link = {"other_id": other["id"], "kind": "related"}
    refusals = [
        await board.move(incident, "investigating"),
        await board.merge(other, incident),
        await board.call("PATCH", f"incidents/{incident['id']}", {"title": "No"}),
        await board.call("POST", f"incidents/{incident['id']}/links", link),
    ]
    assert {(one.status, one.json["type"]) for one in refusals} == {(409, "/problems/incident-archived")}


async def test_a_new_fire_opens_another_incident_beside_an_archived_one(board: Board) -> None:
    incident = await archived(board)
    opened = await board.opened("Down", pod=1)
    assert (opened["number"], (await board.see(incident))["state"]) == (2, "resolved")


async def test_a_fire_that_an_archiving_overtook_brings_the_incident_back(board: Board) -> None:
    """The alert has joined, and the machine's message is still on its way when somebody archives."""
    incident = await board.opened("Down")
    await board.move(incident, "resolved")
    board.clock.advance(minutes=1)
    await board.post("Down", pod=1)
    await archive(board, incident)
    await board.app.carry()
    seen = await board.see(incident)
    assert (seen["state"], seen["archived_at"]) == ("investigating", None)
    assert (await board.changes(incident))[-1]["changes"].keys() == {"state", "archived_at"}


async def test_a_merged_incident_is_archived_restored_and_only_then_unmerged(board: Board) -> None:
    target, source = await board.opened("Slow"), await board.opened("Down")
    await board.merge(target, source)
    await archive(board, source)
    answer = await board.unmerge(source)
    assert (answer.status, answer.json["type"]) == (409, "/problems/incident-archived")
    await board.post("Down", pod=3)
    assert ("Down", "3") in await board.alerts(target)
    await restore(board, source)
    assert (await board.unmerge(source)).status == 200


async def test_stale_versions_and_strangers_archive_nothing(board: Board) -> None:
    incident = await board.opened("Down")
    await board.move(incident, "resolved")
    stale = {"if-match": '"1"'}
    stranger = Board(board.app, await register(board.app), board.clock)
    assert (await archive(board, incident, headers=stale)).status == 412
    for one in (incident, {"id": MISSING}):
        assert (await archive(stranger, one)).status == (await restore(stranger, one)).status == 404
    await archive(board, incident)
    assert (await restore(board, incident, headers=stale)).status == 412
