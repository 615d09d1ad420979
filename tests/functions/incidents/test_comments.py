"""What people say about an incident."""

from typing import Any

import psycopg
import pytest

from scripts.proof.functions import Response
from tests.fixtures import register
from tests.functions.access.people import invited
from tests.functions.incidents.board import MISSING, Board


async def say(board: Board, incident: dict[str, Any], body: Any = "Seen.", token: str = "") -> Response:
    path = f"incidents/{incident['id']}/comments"
    return await board.app.call("POST", path, {"body": body}, token=token or board.tenant.token)


async def comments(board: Board, incident: dict[str, Any], query: str = "") -> Any:
    return (await board.call("GET", f"incidents/{incident['id']}/comments{query}")).json


async def test_a_comment_is_kept_as_it_was_given(board: Board) -> None:
    incident = await board.opened("One")
    body = "  **Bold**, <script>alert(1)</script>\n\n    code"
    made = await say(board, incident, body)
    assert (made.status, made.json["body"]) == (201, body)
    assert made.json["author"] == {"kind": "user", "id": board.tenant.user_id, "name": board.tenant.email}
    assert (await comments(board, incident))["items"] == [made.json]
    (entry,) = await board.changes(incident)
    assert (entry["changes"], entry["note"]) == ({"comment": [None, made.json["id"]]}, "Comment added.")
    assert (await board.see(incident))["version"] == 1


async def test_pages_are_oldest_first_and_join_up(board: Board) -> None:
    incident = await board.opened("One")
    for n in range(3):
        await say(board, incident, str(n))
    first = await comments(board, incident, "?limit=2")
    rest = await comments(board, incident, f"?limit=2&cursor={first['next_cursor']}")
    assert [one["body"] for one in first["items"] + rest["items"]] == ["0", "1", "2"]
    assert rest["next_cursor"] is None


async def test_authors_edit_their_own_comments_and_nobody_elses(board: Board) -> None:
    incident = await board.opened("One")
    engineer = await invited(board.app, board.tenant, "engineer")
    made = (await say(board, incident, token=engineer.token)).json
    path = f"incidents/{incident['id']}/comments/{made['id']}"
    edited = await board.app.call(
        "PATCH", path, {"body": "Seen it."}, token=engineer.token, headers={"if-match": '"1"'}
    )
    assert (edited.status, edited.json["body"], edited.json["version"]) == (200, "Seen it.", 2)
    assert edited.json["edited_at"] is not None
    stale = await board.app.call("PATCH", path, {"body": "No"}, token=engineer.token, headers={"if-match": '"1"'})
    assert stale.status == 412
    refused = await board.call("PATCH", path, {"body": "Something else"})
    assert (refused.status, refused.json["type"]) == (403, "/problems/forbidden")
    assert (await comments(board, incident))["items"][0]["body"] == "Seen it."


async def test_a_deleted_comment_leaves_a_tombstone_and_no_text_anywhere(
    board: Board, owner: psycopg.AsyncConnection
) -> None:
    incident = await board.opened("One")
    made = (await say(board, incident, "password: hunter2")).json
    path = f"incidents/{incident['id']}/comments/{made['id']}"
    await board.call("PATCH", path, {"body": "password: hunter3"})
    assert (await board.call("DELETE", path)).status == 204
    (left,) = (await comments(board, incident))["items"]
    assert (left["id"], left["body"], left["author"]) == (made["id"], "", made["author"])
    assert left["deleted_at"] is not None
    for method in ("PATCH", "DELETE"):
        assert (await board.call(method, path, {"body": "back"})).status == 404
    told = "select count(*) from event_log e where tenant_id = %s and to_jsonb(e)::text like '%%hunter%%'"
    found = await owner.execute(told, (board.tenant.tenant_id,))
    assert await found.fetchone() == (0,)
    assert [entry["note"] for entry in await board.changes(incident)] == [
        "Comment added.",
        "Comment edited.",
        "Comment deleted.",
    ]


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("engineer", 403), ("admin", 204)])
async def test_admins_delete_what_others_said(board: Board, role: str, status: int) -> None:
    incident = await board.opened("One")
    made = (await say(board, incident)).json
    person = await invited(board.app, board.tenant, role)
    answer = await board.app.call("DELETE", f"incidents/{incident['id']}/comments/{made['id']}", token=person.token)
    assert answer.status == status


async def test_a_merged_incident_can_still_be_talked_about(board: Board) -> None:
    target, source = await board.opened("One"), await board.opened("Two")
    await board.merge(target, source)
    assert (await say(board, source)).status == 201


@pytest.mark.parametrize("body", ["", "  \n", "x" * 8_193, "ä" * 4_097, "nul\x00", None, 1])
async def test_a_comment_has_to_say_something_and_not_too_much(board: Board, body: Any) -> None:
    incident = await board.opened("One")
    answer = await say(board, incident, body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body")


async def test_what_is_said_stays_inside_the_incident_and_the_project(board: Board) -> None:
    stranger = Board(board.app, await register(board.app), board.clock)
    incident, other = await board.opened("One"), await board.opened("Two")
    made = (await say(board, incident)).json
    for who, where, comment in (
        (stranger, incident, made["id"]),
        (board, other, made["id"]),
        (board, incident, MISSING),
    ):
        path = f"incidents/{where['id']}/comments/{comment}"
        assert (await who.call("PATCH", path, {"body": "Mine"})).status == 404
        assert (await who.call("DELETE", path)).status == 404
    assert (await say(stranger, incident)).status == 404
    assert (await stranger.call("GET", f"incidents/{incident['id']}/comments")).status == 404
    assert (await comments(board, incident))["items"] == [made]
