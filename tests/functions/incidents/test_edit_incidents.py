"""Incidents opened, edited and assigned by people."""

from typing import Any

import pytest

from scripts.proof.functions import Response
from tests.fixtures import register
from tests.functions.access.people import invited
from tests.functions.incidents.board import MISSING, Board


async def create(board: Board, **given: Any) -> Response:
    return await board.call("POST", "incidents", {"title": "Checkout is slow"} | given)


async def edit(board: Board, incident: dict[str, Any], body: Any, **given: Any) -> Response:
    return await board.call("PATCH", f"incidents/{incident['id']}", body, **given)


async def test_an_incident_opened_by_hand_is_analysed_and_never_mitigated_by_the_machine(board: Board) -> None:
    given = {"description": "**Slow** since noon", "severity": "high", "service_name": "checkout"}
    made = await create(board, **given, labels={"team": "shop"}, assignee_id=board.tenant.user_id)
    assert made.status == 201
    assert made.json | given == made.json
    assert (made.json["number"], made.json["state"], made.json["labels"]) == (1, "detected", {"team": "shop"})
    assert made.json["assignee"] == {"id": board.tenant.user_id, "name": "Olga Owner", "is_member": True}
    await board.app.carry()
    assert (await board.see(made.json))["state"] == "detected"
    steps = (await board.call("GET", f"incidents/{made.json['id']}/workflow")).json["items"]
    assert (steps[0]["step_type"], steps[0]["status"]) == ("alert_received", "skipped")
    assert steps[-1]["step_type"] == "published"
    assert (await create(board)).json["number"] == 2


async def test_a_creation_that_is_sent_twice_opens_one_incident(board: Board) -> None:
    key = {"idempotency-key": "order-66-of-2026"}
    answers = [await board.call("POST", "incidents", {"title": "Once"}, headers=key) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json["id"] == answers[1].json["id"]
    assert len(await board.all()) == 1


async def test_an_edit_changes_what_it_names_and_says_what_was_before(board: Board) -> None:
    incident = (await create(board)).json
    body = {"title": "Checkout is down", "severity": "critical", "labels": {"team": "shop"}, "service_name": ""}
    answer = await edit(board, incident, body, headers={"if-match": '"1"'})
    assert (answer.status, answer.json["version"], answer.json["description"]) == (200, 2, "")
    assert answer.json | body == answer.json
    (entry,) = await board.changes(incident)
    assert entry["changes"] == {
        "title": ["Checkout is slow", "Checkout is down"],
        "severity": ["medium", "critical"],
        "labels": [{}, {"team": "shop"}],
    }
    assert entry["data"] == {
        "id": incident["id"],
        "title": "Checkout is down",
        "severity": "critical",
        "state": "detected",
        "version": 2,
    }


async def test_an_edit_that_changes_nothing_is_no_change(board: Board) -> None:
    incident = (await create(board)).json
    assert (await edit(board, incident, {"title": incident["title"]})).json["version"] == 1
    assert await board.changes(incident) == []


async def test_alerts_leave_alone_what_a_person_chose(board: Board) -> None:
    incident = await board.opened("Down")
    await edit(board, incident, {"title": "Known, and harmless", "severity": "low", "service_name": "cart"})
    labels = {"alertname": "Down", "pod": "9", "severity": "page", "service": "shop"}
    await board.post("Down", labels=labels, startsAt="2026-11-20T09:00:00Z")
    seen = await board.see(incident)
    assert (seen["title"], seen["severity"], seen["service_name"]) == ("Known, and harmless", "low", "cart")
    assert (seen["alert_count"], seen["started_at"]) == (2, "2026-11-20T09:00:00Z")


async def test_alerts_still_raise_what_no_person_chose(board: Board) -> None:
    incident = await board.opened("Down")
    await edit(board, incident, {"title": "A better title"})
    await board.post("Down", labels={"alertname": "Down", "pod": "9", "severity": "page"})
    seen = await board.see(incident)
    assert (seen["title"], seen["severity"]) == ("A better title", "critical")


async def test_a_stale_edit_is_refused(board: Board) -> None:
    incident = (await create(board)).json
    await edit(board, incident, {"title": "Faster"})
    answer = await edit(board, incident, {"title": "Slower"}, headers={"if-match": '"1"'})
    assert (answer.status, answer.json["expected"], answer.json["actual"]) == (412, 1, 2)
    assert (await board.see(incident))["title"] == "Faster"


async def test_only_members_are_assigned(board: Board) -> None:
    incident = (await create(board)).json
    stranger = await register(board.app)
    for nobody in (stranger.user_id, MISSING):
        answer = await edit(board, incident, {"assignee_id": nobody})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "assignee_id")
    answer = await create(board, assignee_id=stranger.user_id)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "assignee_id")


async def test_an_assignee_who_has_left_is_still_named_and_cannot_be_assigned_again(board: Board) -> None:
    incident = (await create(board)).json
    member = await invited(board.app, board.tenant, "engineer")
    assigned = await edit(board, incident, {"assignee_id": member.user_id})
    assert assigned.json["assignee"]["is_member"] is True
    await board.call("DELETE", f"projects/{board.tenant.project_id}/members/{member.user_id}")
    seen = await board.see(incident)
    assert (seen["assignee"]["id"], seen["assignee"]["is_member"]) == (member.user_id, False)
    assert (await edit(board, incident, {"assignee_id": None})).json["assignee"] is None
    assert (await edit(board, incident, {"assignee_id": member.user_id})).status == 422
    assert [entry["changes"]["assignee_id"] for entry in await board.changes(incident)] == [
        [None, member.user_id],
        [member.user_id, None],
    ]


WRONG: dict[str, list[Any]] = {
    "title": ["", " ", "x" * 301, "nul\x00", None],
    "description": ["x" * 8_193, "ä" * 4_097, "nul\x00", None],
    "severity": ["page", None],
    "service_name": ["x" * 201],
    "labels": [{"": "x"}, {"x" * 129: ""}, {"x": "y" * 1_025}, {str(n): "" for n in range(65)}, {"x": 1}, None],
    "assignee_id": ["nobody"],
    "state": ["resolved"],
}


@pytest.mark.parametrize(("field", "nth"), [(field, n) for field, values in WRONG.items() for n in range(len(values))])
async def test_a_wrong_field_is_named(board: Board, field: str, nth: int) -> None:
    incident = (await create(board)).json
    for answer in (
        await create(board, **{field: WRONG[field][nth]}),
        await edit(board, incident, {field: WRONG[field][nth]}),
    ):
        assert (answer.status, answer.json["errors"][0]["field"].split(".")[0]) == (422, field)


async def test_a_put_away_incident_is_not_edited(board: Board) -> None:
    merged, target = (await create(board)).json, (await create(board)).json
    await board.merge(target, merged)
    answer = await edit(board, merged, {"title": "No"})
    assert (answer.status, answer.json["type"], answer.json["merged_into"]) == (
        409,
        "/problems/incident-merged",
        target["id"],
    )


async def test_another_tenants_incident_is_edited_by_nobody_else(board: Board) -> None:
    incident = (await create(board)).json
    stranger = Board(board.app, await register(board.app), board.clock)
    for one in (incident, {"id": MISSING}):
        assert (await edit(stranger, one, {"title": "Mine"})).status == 404
    assert (await board.see(incident))["title"] == "Checkout is slow"
