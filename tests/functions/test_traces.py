"""One trace leads from a posted alert to the message that a browser gets, through queues and relay."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from opentelemetry.sdk.trace import ReadableSpan

from shared.platform.database import Database
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from tests.fixtures import App, Tenant
from tests.shared.platform.offline import offline
from tests.shared.platform.recording import Listener, listening
from tests.traces import Traces, id_of, linked, parent_of, trace_of, traced

WEBHOOK = "POST /api/webhooks/alerts"


@pytest.fixture
def traces() -> Iterator[Traces]:
    with traced() as found:
        yield found


@pytest.fixture
async def browser(app: App, tenant: Tenant) -> AsyncIterator[Listener]:
    person: Any = tenant  # a listener needs to know who and where, which a tenant says as well
    async with listening(app.runtime, person) as found:
        yield found


def new_trace() -> tuple[str, dict[str, str]]:
    """A trace that a caller has begun, and the header that says so."""
    trace_id = uuid4().hex
    return trace_id, {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}


async def post_alert(app: App, tenant: Tenant, headers: dict[str, str], name: str = "PoolExhausted") -> None:
    body = {"name": name, "service": "checkout", "severity": "critical"}
    answer = await app.call("POST", "webhooks/alerts", body, token=tenant.ingest_token, headers=headers)
    assert answer.status == 202


async def test_one_trace_leads_from_a_posted_alert_to_the_browser_s_message(
    app: App, tenant: Tenant, browser: Listener, traces: Traces
) -> None:
    trace_id, headers = new_trace()
    await post_alert(app, tenant, headers)
    await app.carry()
    heard = {message["type"]: message for _, message in await browser.heard()}
    found = traces.of(trace_id)
    assert {
        WEBHOOK,
        "merge_alerts",
        "send hypotheses",
        "process hypotheses",
        "evidence_collected",
        "candidates_generated",
        "transaction",
        "publish incidents",
        "publish alerts",
        "publish hypotheses",
    } <= set(found)
    assert parent_of(found["merge_alerts"]) == id_of(found[WEBHOOK])
    assert parent_of(found["publish incidents"]) == id_of(found[WEBHOOK])
    assert parent_of(found["process hypotheses"]) == id_of(found["send hypotheses"])
    assert parent_of(found["publish hypotheses"]) == id_of(found["process hypotheses"])
    for channel, event in (("incidents", "incident.created"), ("hypotheses", "hypothesis.generated")):
        assert (found[f"publish {channel}"].attributes or {})["messaging.message.id"] == heard[event]["id"]


async def test_the_caller_s_span_is_the_parent_and_a_call_without_one_begins_a_trace(
    app: App, tenant: Tenant, traces: Traces
) -> None:
    trace_id, headers = new_trace()
    await post_alert(app, tenant, headers)
    await post_alert(app, tenant, {}, name="Other")
    called, alone = traces.named(WEBHOOK)
    assert (trace_of(called), parent_of(called)) == (trace_id, 0xB7AD6B7169203331)
    assert parent_of(alone) is None
    assert trace_of(alone) != trace_id


async def test_alerts_that_share_a_transaction_keep_their_own_traces(
    app: App, tenant: Tenant, traces: Traces, owner: psycopg.AsyncConnection
) -> None:
    begun = [new_trace() for _ in range(4)]
    names = [f"Alert{number}" for number in range(4)]
    await asyncio.gather(*(post_alert(app, tenant, head, name) for (_, head), name in zip(begun, names, strict=True)))
    shared = [one for one in traces.named("merge_alerts") if one.links]
    assert shared, "nobody shared a transaction"
    for one in shared:
        assert {trace_of(one), *linked(one)} <= {trace_id for trace_id, _ in begun}
    rows = await owner.execute(
        "select distinct data ->> 'title', split_part(trace, '-', 2) from event_log"
        " where tenant_id = %s and type in ('incident.created', 'alert.fired')",
        (tenant.tenant_id,),
    )
    wanted = {(name, trace_id) for name, (trace_id, _) in zip(names, begun, strict=True)}
    assert {(title.partition(" ")[0], trace) for title, trace in await rows.fetchall()} == wanted


async def test_events_that_share_a_message_are_each_handled_in_their_own_trace(
    app: App, tenant: Tenant, traces: Traces
) -> None:
    begun = [new_trace() for _ in range(3)]
    for number, (_, headers) in enumerate(begun):
        await post_alert(app, tenant, headers, f"Alert{number}")
    await app.carry()
    ours = [one for one in traces.named(f"send {Queue.TRANSITIONS}") if tenant_of(one) == tenant.tenant_id]
    shared = next(one for one in ours if one.links)
    assert {trace_of(shared), *linked(shared)} == {trace_id for trace_id, _ in begun}
    for trace_id, _ in begun:
        handled = traces.named(f"process {Queue.TRANSITIONS}", trace_id)
        assert handled
        assert trace_of(shared) == trace_id or any(trace_of(shared) in linked(one) for one in handled)


async def test_a_spilled_alert_goes_on_in_its_trace(app: App, tenant: Tenant, traces: Traces) -> None:
    gone = App(app_away(app.runtime))
    trace_id, headers = new_trace()
    await post_alert(gone, tenant, headers)
    await app.deliver()
    assert parent_of(traces.of(trace_id)[f"process {Queue.ALERTS}"]) == id_of(traces.of(trace_id)[WEBHOOK])


async def test_a_refused_call_is_no_error_of_ours_and_a_failed_one_is(app: App, tenant: Tenant, traces: Traces) -> None:
    await app.call("GET", f"incidents/{uuid4()}", token=tenant.token)
    refused = traces.named("GET /api/incidents/{incident_id}")[0]
    assert (refused.attributes or {})["http.response.status_code"] == 404
    assert refused.status.is_unset
    broken = App(app_away(app.runtime))
    await broken.call("GET", f"incidents/{uuid4()}", token=tenant.token)
    failed = traces.named("GET /api/incidents/{incident_id}")[1]
    assert not failed.status.is_ok
    assert (failed.attributes or {})["error.type"] == "503"


async def test_a_trace_holds_nothing_that_was_sent(app: App, tenant: Tenant, traces: Traces) -> None:
    headers = {"x-secret": "hidden-in-a-header"}
    body = {"name": "hidden-in-a-body", "labels": {"a": "hidden-in-a-label"}}
    await app.call("POST", "webhooks/alerts?q=hidden-in-a-query", body, token=tenant.ingest_token, headers=headers)
    await app.call("GET", "incidents?q=hidden-in-a-search", token=tenant.token)
    await app.carry()
    told = json.dumps([json.loads(one.to_json()) for one in traces.all()])
    assert "hidden" not in told
    assert tenant.token not in told
    assert tenant.ingest_token not in told


def tenant_of(span: ReadableSpan) -> object:
    return (span.attributes or {})["srecopilot.tenant_id"]


def app_away(runtime: Runtime) -> Runtime:
    """The same runtime, with a database that is nowhere."""
    return replace(runtime, database=Database(offline()))
