"""Answers to reads: kept for a moment, never older than the reader's own last write, and not sent twice."""

import asyncio
from dataclasses import replace
from uuid import uuid4

from pydantic import SecretStr

from scripts.devstack.ports import free_port
from shared.platform.cache import Cache
from shared.platform.response_cache import ResponseCache
from tests.fixtures import App, Tenant, opened, payload, register
from tests.shared.platform.line import Line
from tests.waiting import eventually

HIT, MISS = "sre-copilot; hit", "sre-copilot; fwd=miss"


async def test_the_second_reader_gets_the_kept_answer(app: App, tenant: Tenant) -> None:
    await opened(app, tenant)
    await app.carry()
    first = await app.call("GET", "incidents", token=tenant.token)
    second = await app.call("GET", "incidents", token=tenant.token)
    assert (first.headers["Cache-Status"], second.headers["Cache-Status"]) == (MISS, HIT)
    assert second.json == first.json


async def test_a_writer_reads_its_own_write_at_once(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    await app.call("GET", "incidents", token=tenant.token)
    for state in ("acknowledged", "investigating"):
        await app.call("POST", f"incidents/{incident['id']}/transitions", {"to": state}, token=tenant.token)
        (found,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
        assert found["state"] == state


async def test_what_senders_and_the_machine_do_shows_at_once(app: App, tenant: Tenant) -> None:
    await opened(app, tenant)
    await app.call("POST", "webhooks/alertmanager", payload("alertmanager-resolved"), token=tenant.ingest_token)
    (found,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert found["firing_count"] == 0
    await app.carry()
    (found,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert found["state"] == "mitigated"


async def test_questions_roles_and_projects_have_answers_of_their_own(app: App, tenant: Tenant) -> None:
    await opened(app, tenant)
    key = (await app.call("POST", "api-keys", {"name": "screen", "role": "viewer"}, token=tenant.token)).json["key"]
    mine = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    seen = (await app.call("GET", "incidents", token=key)).json["items"]
    assert (mine[0]["allowed_transitions"] != [], seen[0]["allowed_transitions"]) == (True, [])
    assert (await app.call("GET", "incidents?state=resolved", token=tenant.token)).json["items"] == []
    stranger = await register(app)
    assert (await app.call("GET", "incidents", token=stranger.token)).json["items"] == []


async def test_who_has_the_answer_already_gets_only_its_etag(app: App, tenant: Tenant) -> None:
    await opened(app, tenant)
    first = await app.call("GET", "incidents", token=tenant.token)
    again = await app.call("GET", "incidents", token=tenant.token, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = await app.call("GET", "incidents", token=tenant.token, headers={"if-none-match": 'W/"other"'})
    assert other.status == 200


async def test_a_resources_etag_is_its_version(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)
    answer = await app.call("GET", f"incidents/{incident['id']}", token=tenant.token, headers={"if-none-match": '"1"'})
    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')


async def test_without_redis_every_answer_is_fresh(app: App, tenant: Tenant) -> None:
    await opened(app, tenant)
    url = SecretStr(f"redis://127.0.0.1:{free_port()}/0")
    gone = Cache(app.runtime.settings.model_copy(update={"redis_url": url}))
    alone = App(replace(app.runtime, cache=gone, responses=ResponseCache(gone, 10)))
    answer = await alone.call("GET", "incidents", token=tenant.token)
    await alone.mailbox.close()
    assert answer.status == 200
    assert "Cache-Status" not in answer.headers


async def test_what_a_repeated_notification_leaves_out_shows_at_once(app: App, tenant: Tenant) -> None:
    """Its alerts are known already; how many more there are is not."""
    body = payload("alertmanager-truncated-max5-of-12")
    await app.call("POST", "webhooks/alertmanager", body | {"truncatedAlerts": 0}, token=tenant.ingest_token)
    (before,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    (after,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert (before["truncated_alerts"], after["truncated_alerts"]) == (0, 7)


async def test_an_answer_that_cannot_be_kept_is_given_all_the_same(redis_line: Line, lined_cache: Cache) -> None:
    responses, project_id = ResponseCache(lined_cache, 10), uuid4()
    slot = await responses.slot(project_id, "a question")
    assert slot is not None
    await redis_line.cut()
    await responses.keep(slot, "an answer")
    assert await responses.find(slot) is None


async def test_after_a_change_that_redis_did_not_hear_of_no_older_answer_is_given(
    app: App, tenant: Tenant, redis_line: Line, lined_cache: Cache
) -> None:
    incident = await opened(app, tenant)
    await app.carry()
    behind = App(replace(app.runtime, cache=lined_cache, responses=ResponseCache(lined_cache, 60)))
    for expected in (MISS, HIT):
        assert (await behind.call("GET", "incidents", token=tenant.token)).headers["Cache-Status"] == expected
    await redis_line.cut()
    path = f"incidents/{incident['id']}/transitions"
    assert (await behind.call("POST", path, {"to": "acknowledged"}, token=tenant.token)).status == 200
    await redis_line.mend()
    lined_cache._breaker._open_until = 0.0  # as after half a second
    answer = await behind.call("GET", "incidents", token=tenant.token)
    await behind.mailbox.close()
    assert await lined_cache.add("anything", 0) is not None, "Redis answers again"
    assert [one["state"] for one in answer.json["items"]] == ["acknowledged"]


async def test_a_change_that_redis_heard_of_late_outdates_the_answers_of_other_processes(
    app: App, redis_line: Line, lined_cache: Cache
) -> None:
    writer, reader, project_id = ResponseCache(lined_cache, 60), app.runtime.responses, uuid4()
    before = await reader.slot(project_id, "a question")
    await redis_line.cut()
    await writer.outdate([project_id])
    await redis_line.mend()
    await eventually(lambda: asyncio.sleep(0, not lined_cache._owed))
    assert await reader.slot(project_id, "a question") != before
