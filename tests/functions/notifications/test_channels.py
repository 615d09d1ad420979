"""Notification channels: their secrets go in and never come out, and a button says whether they work."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from standardwebhooks.webhooks import Webhook

from tests.fixtures import App, Tenant, opened, register
from tests.functions.notifications.channels import log_of, make
from tests.functions.notifications.receiver import Receiver, listening

URL = "https://hooks.example.com/services/T0/B0/hunter2"
SECRET = "whsec_" + "aHVudGVyMg" * 4


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as found:
        yield found


@pytest.mark.parametrize(
    ("config", "destination"),
    [
        ({"kind": "slack", "url": URL}, "hooks.example.com"),
        ({"kind": "teams", "url": f"{URL}?sig=hunter2"}, "hooks.example.com"),
        ({"kind": "webhook", "url": URL, "secret": SECRET}, "hooks.example.com"),
        ({"kind": "email", "to": "On-Call@example.com"}, "on-call@example.com"),
    ],
)
async def test_a_secret_is_never_shown_and_never_stored_in_clear(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, config: dict[str, str], destination: str
) -> None:
    made = await app.call("POST", "notification-channels", {"name": "a", "config": config}, token=tenant.token)
    assert made.status == 201, made.content
    assert (made.json["kind"], made.json["destination"]) == (config["kind"], destination)
    path = f"notification-channels/{made.json['id']}"
    patched = await app.call("PATCH", path, {"name": "b", "config": config}, token=tenant.token)
    answers = [made, patched, *[await app.call("GET", one, token=tenant.token) for one in (path, path[:21])]]
    rows = await owner.execute("select row_to_json(c)::text from notification_channels c where id = %s", (path[22:],))
    events = await owner.execute("select row_to_json(e)::text from event_log e where subject_id = %s", (path[22:],))
    stored = str([*(await rows.fetchall()), *(await events.fetchall())])
    for secret in ("hunter2", "aHVudGVyMg"):
        assert not [answer for answer in answers if secret in answer.content.decode()]
        assert secret not in stored


async def test_a_signing_secret_is_made_once_and_verifies(app: App, tenant: Tenant, receiver: Receiver) -> None:
    body = {"name": "a", "config": {"kind": "webhook", "url": receiver.url}}
    made = (await app.call("POST", "notification-channels", body, token=tenant.token)).json
    path = f"notification-channels/{made['id']}"
    moved = {"config": {"kind": "webhook", "url": receiver.url + "/moved"}}
    assert (await app.call("PATCH", path, moved, token=tenant.token)).json["signing_secret"] is None
    tested = await app.call("POST", f"{path}/test", token=tenant.token)
    assert (tested.json["status"], tested.json["event_type"]) == ("sent", "test")
    [received] = receiver.received
    assert received.path == "/hook/moved"
    assert Webhook(made["signing_secret"]).verify(received.body, dict(received.headers))["type"] == "test"


async def test_a_test_is_tried_once_even_where_the_channel_is_off(app: App, tenant: Tenant, receiver: Receiver) -> None:
    channel = await make(app, tenant, receiver, enabled=False)
    receiver.answers = [(503, {})]
    first, second = [
        (await app.call("POST", f"notification-channels/{channel}/test", token=tenant.token)).json for _ in range(2)
    ]
    assert (first["status"], first["error"], first["attempts"]) == ("gave_up", "answered with status 503", 1)
    assert (second["status"], second["response_code"]) == ("sent", 204)
    assert await log_of(app, tenant, channel) == [second, first]
    assert await log_of(app, tenant, channel, "?status=sent") == [second]


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://168.63.129.16/"])
async def test_no_message_goes_where_none_may(app: App, tenant: Tenant, url: str) -> None:
    body = {"name": "a", "config": {"kind": "slack", "url": url}}
    made = (await app.call("POST", "notification-channels", body, token=tenant.token)).json
    tested = await app.call("POST", f"notification-channels/{made['id']}/test", token=tenant.token)
    assert (tested.json["status"], tested.json["error"]) == ("gave_up", "This address cannot be called.")


@pytest.mark.parametrize("kind", ["slack", "teams"])
async def test_a_chat_gets_its_own_format(app: App, tenant: Tenant, receiver: Receiver, kind: str) -> None:
    await make(app, tenant, receiver, config={"kind": kind, "url": receiver.url}, events=["incident.created"])
    incident = await opened(app, tenant)
    await app.carry()
    [received] = receiver.received
    assert set(received.json) >= ({"text", "blocks"} if kind == "slack" else {"type", "attachments"})
    assert incident["title"] in json.dumps(received.json, ensure_ascii=False)


async def test_a_change_with_a_stale_version_is_refused(app: App, tenant: Tenant, receiver: Receiver) -> None:
    path = f"notification-channels/{await make(app, tenant, receiver)}"
    for seen, status in ((1, 200), (1, 412), (2, 200)):
        answer = await app.call(
            "PATCH", path, {"name": f"seen {seen}"}, token=tenant.token, headers={"if-match": f'"{seen}"'}
        )
        assert answer.status == status
    shown = await app.call("GET", path, token=tenant.token)
    assert (shown.json["name"], shown.headers["ETag"]) == ("seen 2", '"3"')


async def test_what_is_absent_stays_and_what_changed_is_recorded(
    app: App, tenant: Tenant, receiver: Receiver, owner: psycopg.AsyncConnection
) -> None:
    channel = await make(app, tenant, receiver, min_severity="high", events=["incident.created"])
    await app.call("PATCH", f"notification-channels/{channel}", {"min_severity": "low"}, token=tenant.token)
    await app.call("PATCH", f"notification-channels/{channel}", {"min_severity": "low"}, token=tenant.token)
    shown = (await app.call("GET", f"notification-channels/{channel}", token=tenant.token)).json
    assert (shown["min_severity"], shown["events"], shown["version"]) == ("low", ["incident.created"], 2)
    found = await owner.execute("select changes from event_log where subject_id = %s order by position", (channel,))
    assert [changes for (changes,) in await found.fetchall()] == [{}, {"min_severity": ["high", "low"]}]


async def test_a_deleted_channel_is_gone_with_its_secrets(
    app: App, tenant: Tenant, receiver: Receiver, owner: psycopg.AsyncConnection
) -> None:
    channel = await make(app, tenant, receiver)
    path = f"notification-channels/{channel}"
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204
    assert [(await app.call(verb, path, token=tenant.token)).status for verb in ("GET", "DELETE")] == [404, 404]
    assert (await app.call("GET", "notification-channels", token=tenant.token)).json["items"] == []
    found = await owner.execute("select config from notification_channels where id = %s", (channel,))
    assert await found.fetchall() == [(None,)]
    await opened(app, tenant)
    await app.carry()
    assert receiver.received == []


async def test_the_log_turns_its_pages(app: App, tenant: Tenant, receiver: Receiver) -> None:
    path = f"notification-channels/{await make(app, tenant, receiver)}"
    sent = [(await app.call("POST", f"{path}/test", token=tenant.token)).json["id"] for _ in range(3)]
    first = (await app.call("GET", f"{path}/deliveries?limit=2", token=tenant.token)).json
    rest = (await app.call("GET", f"{path}/deliveries?cursor={first['next_cursor']}", token=tenant.token)).json
    assert [one["id"] for one in first["items"] + rest["items"]] == sent[::-1]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"config": {"kind": "pager"}}, "config"),
        ({"config": {"kind": "slack", "url": "ftp://hunter2.example"}}, "config.slack.url"),
        ({"config": {"kind": "slack", "url": "https://user:hunter2@example.com/"}}, "config.slack.url"),
        ({"config": {"kind": "slack", "url": URL, "secret": "hunter2"}}, "config.slack.secret"),
        ({"config": {"kind": "webhook", "url": URL, "secret": "hunter2"}}, "config.webhook.secret"),
        ({"config": {"kind": "email", "to": "hunter2"}}, "config.email.to"),
        ({"config": {"kind": "email", "to": "a@example.com\r\nBcc: hunter2@example.com"}}, "config.email.to"),
        ({"events": []}, "events"),
        ({"events": ["alert.fired"]}, "events.0"),
        ({"min_severity": "bad"}, "min_severity"),
        ({"owner": "hunter2"}, "owner"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_not_echoed(
    app: App, tenant: Tenant, given: dict[str, Any], field: str
) -> None:
    body = {"name": "a", "config": {"kind": "slack", "url": URL}, **given}
    answer = await app.call("POST", "notification-channels", body, token=tenant.token)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert "hunter2" not in answer.content.decode()


@pytest.mark.parametrize(
    ("method", "below"), [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")]
)
async def test_another_tenant_s_channel_and_none_look_alike(
    app: App, tenant: Tenant, receiver: Receiver, method: str, below: str
) -> None:
    theirs = await make(app, await register(app), receiver)
    body = {"name": "b"} if method == "PATCH" else None
    answers = [
        await app.call(method, f"notification-channels/{one}{below}", body, token=tenant.token)
        for one in (theirs, uuid4())
    ]
    assert [answer.status for answer in answers] == [404, 404]
    assert len({json.dumps({**answer.json, "trace_id": ""}) for answer in answers}) == 1
    assert receiver.received == []


async def test_many_channels_come_in_pages_that_join_up(app: App, tenant: Tenant, receiver: Receiver) -> None:
    made = [await make(app, tenant, receiver, name=f"channel {number}") for number in range(3)]
    first = (await app.call("GET", "notification-channels?limit=2", token=tenant.token)).json
    path = f"notification-channels?cursor={first['next_cursor']}"
    rest = (await app.call("GET", path, token=tenant.token)).json
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
