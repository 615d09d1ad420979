"""Every endpoint leaves an entry of its call; each that writes, one of the change, right before and after."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pytest
from psycopg import sql
from psycopg.rows import dict_row

from functions.http import Admission, Endpoint
from functions.openapi import endpoints
from scripts.proof.examples import ALERT, CHANGE, JSON_BODY, NOTIFICATION, example_bytes, path_of
from scripts.proof.functions import Response
from scripts.proof.world import World
from shared.audit.changes import shown
from shared.audit.schemas import ChangeOut
from shared.kernel.values import Permission
from shared.platform.table_store import API_CALLS
from shared.platform.tables import EventRow
from shared.views.schema import METADATA
from tests.functions.audit.audited import stored

pytestmark = pytest.mark.xdist_group("matrix")

ENDPOINTS: Final = endpoints()
WRITING: Final = [one for one in ENDPOINTS if one.method != "GET"]
CHANGES_NOTHING: Final[Mapping[str, str]] = {
    "login": "a session begins, which is in the calls, as whoever signed in",
    "refresh_session": "a session goes on; these examples have no cookie of one",
    "switch_project": "the session goes on elsewhere",
    "negotiate": "gives a URL",
    "preview_grouping": "replays without storing",
    "preview_maintenance_window": "counts without storing",
    "test_channel": "sends a message, which is in the channel's delivery log",
    "receive_connection_event": "says who is connected, which is counted in Redis",
    "validate_event_handler": "answers whether events may come",
    "test_integration": "asks the sender's address, which is in the integration's log of checks",
}
SIGN_IN: Final = {"login", "register", "accept_invitation"}
# Where the usual example says what is so already.
_NEW_ALERT: Final[dict[str, Any]] = {**ALERT, "startsAt": "2026-01-03T00:00:00Z", "fingerprint": "f" * 16}
_NEW_LABELS: Final = {"labels": {"alertname": "Other", "service": "other", "severity": "low"}}
BODIES: Final[Mapping[str, Any]] = {
    "set_member": {"role": "engineer"},
    "update_user": {"disabled": True},
    "receive_alertmanager": {**NOTIFICATION, "groupLabels": {"service": "other"}, "alerts": [_NEW_ALERT | _NEW_LABELS]},
    "receive_grafana": {**NOTIFICATION, "groupLabels": {"service": "other"}, "alerts": [_NEW_ALERT | _NEW_LABELS]},
    "receive_prometheus": [_NEW_ALERT | _NEW_LABELS],
    "receive_changes": [{**CHANGE, "id": "build-8"}],
}
PATHS: Final[Mapping[str, tuple[str, str]]] = {"put_dependency": ("callee_id", "service_id")}
# Fields of an entry that are no column of what they are about.
TOLD_OF: Final[Mapping[str, str]] = {
    "comment": "which comment of an incident: its text is not in the log",
    "link": "a link of an incident is a row of its own",
    "merged": "incidents that were taken in",
    "role": "a person's role is in the project, not in the person",
    "check": "a check is a row of its own",
    "verdict": "a verdict is a row of its own",
    "ended": "a window that ended early has another end",
    "disabled": "whether the account is closed, which the row has as a time",
    "has_credentials": "whether there are any, which is all that may be said of them",
}
OF_POLICIES: Final = "policies.changed"  # whose fields are those of one column
# What may say nothing of before and after: it is a secret, or all of it is in other entries.
SAYS_NOTHING: Final = {"password.changed", "password.reset", "password.reset_requested", "integration.token_rotated"}
MACHINE_S_OWN: Final = {"hypotheses.requested", "hypothesis.generated", "incident.alerts_moved", "alert.repeated"}


@dataclass(frozen=True)
class Written:
    """What a call answered and recorded, and every row as it was before and after."""

    answer: Response
    changes: list[ChangeOut]
    before: Mapping[str, Mapping[str, Any]]
    after: Mapping[str, Mapping[str, Any]]


async def call(world: World, endpoint: Endpoint, name: str = "audit-matrix") -> Response:
    caller = "ingest token" if endpoint.needs is Permission.ALERT_INGEST else "owner session"
    credential = next(one.credential for one in world.callers if one.name == caller)
    path = dict(path_of(endpoint, world.objects))
    if pair := PATHS.get(endpoint.name):
        path[pair[0]], path[pair[1]] = path[pair[1]], path[pair[0]]
    given = BODIES.get(endpoint.name)
    return await world.functions.invoke(
        endpoint.name,
        endpoint.method,
        url=endpoint.route,
        path=path,
        query={},
        body=json.dumps(given).encode() if given else example_bytes(endpoint, world.objects),
        headers=JSON_BODY | {"authorization": f"Bearer {credential}", "x-request-id": f"{name}-{endpoint.name}"},
    )


async def rows_of(world: World) -> dict[str, Mapping[str, Any]]:
    """Every row that has an id, by it."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, table in METADATA.tables.items():
        if "id" in table.columns and name not in {EventRow.__tablename__, "inbox"}:
            query = sql.SQL("select id::text, to_jsonb(t) from public.{} t").format(sql.Identifier(name))
            found |= dict(await (await world.owner.execute(query)).fetchall())
    return found


async def written(world: World, endpoint: Endpoint) -> Written:
    known = {row[0] for row in await (await world.owner.execute("select id from event_log")).fetchall()}
    before = await rows_of(world)
    answer = await call(world, endpoint)
    async with world.owner.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from event_log order by position")
        events = [EventRow(**row) for row in await cursor.fetchall() if row["id"] not in known]
    after = await rows_of(world)
    await world.restore()
    return Written(answer, [shown(event) for event in events], before, after)


@pytest.mark.parametrize("endpoint", WRITING, ids=lambda one: one.name)
async def test_what_an_endpoint_changes_is_in_the_audit_as_it_was_and_as_it_became(
    world: World, endpoint: Endpoint
) -> None:
    found = await written(world, endpoint)
    if endpoint.name in CHANGES_NOTHING:
        assert found.changes == []
        return
    assert found.answer.status < 400, found.answer.content
    told = [change for change in found.changes if change.action not in MACHINE_S_OWN]
    assert told or endpoint.name == "generate_hypotheses"
    for change in told:
        assert change.changes or change.action in SAYS_NOTHING, change
        check(change, found)


def check(change: ChangeOut, found: Written) -> None:
    """Compare each field of an entry with the row that it is about."""
    resource = str(change.resource_id)
    was, became = found.before.get(resource, {}), found.after.get(resource, {})
    if change.action == OF_POLICIES:
        was, became = {**was.get("policies", {})}, {**became.get("policies", {})}
    for name, field in change.changes.items():
        if name in TOLD_OF:
            continue
        if name in became and field.after is not None:
            assert plain(field.after) == plain(became[name]), (change.action, name)
        if name in was and field.before is not None and change.action != OF_POLICIES:
            assert plain(field.before) == plain(was[name]), (change.action, name)
        assert field.before != field.after or name == "source", (change.action, name)


def plain(value: Any) -> Any:
    """A time as itself, for PostgreSQL writes one without the noughts at its end."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value


async def test_every_endpoint_leaves_one_entry_of_its_call(world: World) -> None:
    began = world.functions.runtime.clock.now()
    answers = {}
    for endpoint in ENDPOINTS:
        answers[endpoint.name] = (await call(world, endpoint, "one-entry")).status
        if endpoint.method != "GET":
            await world.restore()
    await stored(world.functions)
    query = "PartitionKey ge @first and at ge @began"
    values = {"first": "0", "began": began.isoformat(timespec="microseconds").replace("+00:00", "Z")}
    rows = await world.functions.runtime.tables.find(API_CALLS, query, values, most=100_000)
    ours = [row for row in rows if row["request_id"].startswith("one-entry-")]
    assert sorted(row["operation"] for row in ours) == sorted(answers)
    by_name = {endpoint.name: endpoint for endpoint in ENDPOINTS}
    for row in ours:
        endpoint = by_name[row["operation"]]
        assert (row["status"], row["method"], row["route"]) == (
            answers[endpoint.name],
            endpoint.method,
            endpoint.route,
        )
        is_known = endpoint.needs is not Admission.EVERYONE or endpoint.recognises or endpoint.name in SIGN_IN
        assert (row["actor_kind"] != "anonymous") == is_known, endpoint.name
