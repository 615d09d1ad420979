"""An incident is analysed again when something joins it: never too often, and never without the last fact."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.hypotheses import news, running
from shared.hypotheses.analysis import StepType
from shared.hypotheses.running import LEASE
from shared.kernel.values import TenantId, system_actor
from shared.platform import faults
from shared.platform.runtime import Tx
from tests.fixtures import App, StoppedClock, Tenant, opened, payload, register
from tests.functions.alerts.test_policies import change

NOTE = {"kind": "log", "at": "2026-01-02T03:04:05Z", "title": "java.lang.OutOfMemoryError: Java heap space"}


class Crash(BaseException):
    """The process dies here."""


async def shown(app: App, tenant: Tenant, incident: dict[str, Any]) -> dict[str, Any]:
    path = f"incidents/{incident['id']}/hypotheses"
    return dict((await app.call("GET", path, token=tenant.token)).json)


async def steps(app: App, tenant: Tenant, incident: dict[str, Any], run: int) -> list[tuple[str, str]]:
    found = (await app.call("GET", f"incidents/{incident['id']}/workflow", token=tenant.token)).json["items"]
    return [(one["step_type"], one["status"]) for one in found if one["run"] == run]


async def tell(app: App, tenant: Tenant, incident: dict[str, Any], title: str = NOTE["title"]) -> None:
    items = [{**NOTE, "title": title}]
    await app.call("POST", f"incidents/{incident['id']}/evidence", {"items": items}, token=tenant.token)


async def join(app: App, tenant: Tenant) -> None:
    """Have another alert join the incident of `opened`."""
    body = payload("alertmanager-firing")
    body["alerts"].append({**body["alerts"][0], "fingerprint": "f" * 16, "labels": {"alertname": "PodOOMKilled"}})
    await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)


async def tick(app: App) -> None:
    await app.tick("analyse_again")
    await app.carry()


async def analysed(app: App, tenant: Tenant, clock: StoppedClock) -> dict[str, Any]:
    """An incident that was analysed, half a minute ago."""
    incident = await opened(app, tenant)
    await app.carry()
    clock.advance(seconds=30)
    return incident


async def messages(app: App, tenant: Tenant) -> list[str]:
    """What waits for analysis."""
    await app.runtime.relay.sweep()
    return [one for one in await app.mailbox.take("hypotheses") if tenant.tenant_id in one]


async def test_without_news_nothing_happens(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident = await analysed(app, tenant, clock)
    for _ in range(2):
        await tick(app)
    assert (await shown(app, tenant, incident))["run"] == 1


async def test_an_alert_that_joins_is_read_by_the_next_run(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident = await analysed(app, tenant, clock)
    await join(app, tenant)
    await app.carry()
    assert (await shown(app, tenant, incident))["run"] == 1
    await tick(app)
    found = await shown(app, tenant, incident)
    assert found["run"] == 2
    assert any("PodOOMKilled" in one["text"] for one in found["evidence"])


async def test_a_change_nearby_is_news(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident = await analysed(app, tenant, clock)
    deploy = {"title": "checkout 2.0", "component": "checkout", "kind": "deploy"}
    await app.call("POST", "webhooks/changes", deploy, token=tenant.ingest_token)
    await tick(app)
    found = await shown(app, tenant, incident)
    assert found["run"] == 2
    assert any(one["kind"] == "change" for one in found["evidence"])


async def test_a_change_elsewhere_is_none(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    body = {"services": [{"name": "checkout", "depends_on": ["bank"]}, {"name": "lab", "depends_on": ["bench"]}]}
    await app.call("POST", "services/import", body, token=tenant.token)
    incident = await analysed(app, tenant, clock)
    deploy = {"title": "bench 2.0", "component": "bench", "kind": "deploy"}
    await app.call("POST", "webhooks/changes", deploy, token=tenant.ingest_token)
    await tick(app)
    assert (await shown(app, tenant, incident))["run"] == 1


async def test_a_verdict_is_news(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident = await analysed(app, tenant, clock)
    first = (await shown(app, tenant, incident))["items"][0]
    await app.call("POST", f"hypotheses/{first['id']}/verdict", {"verdict": "confirmed"}, token=tenant.token)
    await tick(app)
    assert (await shown(app, tenant, incident))["run"] == 2


async def test_many_facts_within_half_a_minute_are_one_run_and_the_last_is_not_lost(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    incident = await opened(app, tenant)
    await app.carry()
    for number in range(5):
        clock.advance(seconds=4)
        await tell(app, tenant, incident, f"dial tcp: lookup host-{number}: no such host")
        await tick(app)
    assert (await shown(app, tenant, incident))["run"] == 1
    clock.advance(seconds=10)
    await tick(app)
    found = await shown(app, tenant, incident)
    assert found["run"] == 2
    assert any("host-4" in one["text"] for one in found["evidence"])
    clock.advance(seconds=30)
    await tick(app)
    assert (await shown(app, tenant, incident))["run"] == 2


async def test_projects_that_want_no_analysis_do_not_keep_others_from_theirs(
    app: App, tenant: Tenant, clock: StoppedClock, owner: psycopg.AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    without, other = await analysed(app, tenant, clock), await register(app)
    clock.advance(seconds=1)
    incident = await analysed(app, other, clock)
    await owner.execute("delete from analyses where tenant_id <> all(%s)", ([tenant.tenant_id, other.tenant_id],))
    await change(app, tenant, {"auto_analyse": False})
    for one in (tenant, other):
        await join(app, one)
    monkeypatch.setattr(news, "_AT_ONCE", 1)
    for _ in range(2):
        await tick(app)
    assert (await shown(app, other, incident))["run"] == 2
    await change(app, tenant, {"auto_analyse": True})
    clock.advance(seconds=30)
    await tick(app)
    assert (await shown(app, tenant, without))["run"] == 2


async def test_what_a_slow_transaction_commits_after_the_run_is_news_all_the_same(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    incident = await opened(app, tenant)
    first, second = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
            connection = await tx.session.connection()
            await connection.exec_driver_sql(
                "insert into event_log (tenant_id, id, project_id, type, subject_id, incident_id, at, actor_kind)"
                " values (%s, gen_random_uuid(), %s, 'alert.fired', gen_random_uuid(), %s, %s, 'system')",
                (tenant.tenant_id, tenant.project_id, incident["id"], clock.now()),
            )
            first.set()
            await second.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(slowly())
        await first.wait()
        clock.advance(seconds=1)
        await app.carry()
        second.set()
    clock.advance(seconds=30)
    await tick(app)
    assert (await shown(app, tenant, incident))["run"] == 2


async def test_a_closed_incident_is_left_alone(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    incident = await analysed(app, tenant, clock)
    move = {"to": "resolved", "note": "over"}
    await app.call("POST", f"incidents/{incident['id']}/transitions", move, token=tenant.token)
    deploy = {"title": "checkout 2.0", "component": "checkout", "kind": "deploy"}
    await app.call("POST", "webhooks/changes", deploy, token=tenant.ingest_token)
    await tick(app)
    assert (await shown(app, tenant, incident))["run"] == 1


@pytest.mark.parametrize("way", [["resolved"], ["investigating", "inconclusive"]], ids=lambda way: way[-1])
async def test_evidence_of_a_closed_incident_is_read_even_where_it_comes_just_after_a_run(
    app: App, tenant: Tenant, clock: StoppedClock, way: list[str]
) -> None:
    incident = await opened(app, tenant)
    await app.carry()
    for state in way:
        path = f"incidents/{incident['id']}/transitions"
        await app.call("POST", path, {"to": state, "note": "done"}, token=tenant.token)
    await app.carry()
    clock.advance(seconds=5)
    await tell(app, tenant, incident)
    (message,) = await messages(app, tenant)
    await app.hand("propose_hypotheses", message)
    assert (await shown(app, tenant, incident))["run"] == 1
    clock.advance(seconds=25)
    for _ in range(2):  # the relay sends again what is not finished
        await app.hand("propose_hypotheses", message)
    found = await shown(app, tenant, incident)
    assert found["run"] == 2
    assert any("OutOfMemoryError" in one["text"] for one in found["evidence"])


async def test_of_two_messages_at_once_one_runs_and_the_other_finds_no_news(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    incident = await opened(app, tenant)
    await tell(app, tenant, incident)
    one, other = await messages(app, tenant)
    published = []
    faults.arm(lambda point: published.append(point) if point == "hypotheses.before_commit" else None)
    try:
        await asyncio.gather(*(app.hand("propose_hypotheses", each) for each in (one, other)))
    finally:
        faults.arm(None)
    assert len(published) == 1
    clock.advance(seconds=30)
    await app.carry()
    assert (await shown(app, tenant, incident))["run"] == 1


async def test_a_run_that_fails_is_shown_as_failed_and_done_again(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    incident = await opened(app, tenant)
    (message,) = await messages(app, tenant)

    def trap(point: str) -> None:
        if point == "hypotheses.before_commit":
            raise Crash

    faults.arm(trap)
    try:
        with pytest.raises(Crash):
            await app.hand("propose_hypotheses", message)
    finally:
        faults.arm(None)
    assert await steps(app, tenant, incident, 1) == [
        ("alert_received", "completed"),
        ("evidence_collected", "completed"),
        ("candidates_generated", "completed"),
        ("hypotheses_scored", "completed"),
        ("published", "skipped"),
    ]
    await app.hand("propose_hypotheses", message)
    assert (await shown(app, tenant, incident))["run"] == 2
    assert {status for _, status in await steps(app, tenant, incident, 2)} == {"completed"}


async def test_a_run_whose_process_died_is_waited_for_and_then_taken_over(
    app: App, tenant: Tenant, clock: StoppedClock, owner: psycopg.AsyncConnection
) -> None:
    incident = await opened(app, tenant)
    (message,) = await messages(app, tenant)
    project = (tenant.tenant_id, incident["id"], tenant.project_id, incident["id"], clock.now())
    await owner.execute(
        "insert into analyses (tenant_id, id, project_id, leader_id, run, seen, asked_at, running_until)"
        " values (%s, %s, %s, %s, 2, pg_current_snapshot()::text, %s, %s)",
        (*project, clock.now() + LEASE),
    )
    await owner.execute(
        "insert into analysis_steps (tenant_id, id, incident_id, run, step_type, status)"
        " values (%s, gen_random_uuid(), %s, 2, 'candidates_generated', 'running')",
        (tenant.tenant_id, incident["id"]),
    )
    await app.hand("propose_hypotheses", message)
    assert (await shown(app, tenant, incident))["run"] == 0
    clock.advance(seconds=LEASE / timedelta(seconds=1))
    await app.hand("propose_hypotheses", message)
    assert (await shown(app, tenant, incident))["run"] == 3
    assert await steps(app, tenant, incident, 2) == [("candidates_generated", "failed")]


async def test_incidents_that_are_one_failure_share_the_analysis_of_the_first(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    body = {"services": [{"name": "checkout", "depends_on": ["cart"]}, {"name": "cart", "depends_on": []}]}
    await app.call("POST", "services/import", body, token=tenant.token)
    first = await opened(app, tenant)
    await app.carry()
    second = await opened(app, tenant, "alertmanager-grouped-20-amtool")
    assert second["id"] != first["id"]
    await app.carry()
    clock.advance(seconds=30)
    await tick(app)
    found = await shown(app, tenant, second)
    assert found["incident_id"] == second["id"]
    assert found["analysed_incident_id"] == first["id"]
    assert found["run"] == 2
    assert any("PodCrashLooping" in one["text"] for one in found["evidence"])
    own = await shown(app, tenant, first)
    assert own["items"] == found["items"]
    paths = (f"incidents/{one['id']}/workflow" for one in (first, second))
    leading, following = [(await app.call("GET", path, token=tenant.token)).json for path in paths]
    assert (following["analysed_incident_id"], following["analysed_reference"]) == (first["id"], first["reference"])
    assert leading["analysed_incident_id"] == first["id"]
    assert following["items"][0]["incident_id"] == second["id"]
    assert following["items"][1:] == leading["items"][1:]
    assert [one["step_type"] for one in (leading["items"][0], following["items"][0])] == ["alert_received"] * 2
    clock.advance(seconds=30)
    await tell(app, tenant, second)
    await app.carry()
    assert (await shown(app, tenant, first))["run"] == 3


async def test_the_pipeline_shows_where_a_run_is_while_it_goes_on(app: App, tenant: Tenant) -> None:
    incident = await opened(app, tenant)

    def transaction() -> AbstractAsyncContextManager[Tx]:
        return app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id))))

    async with transaction() as tx:
        run = await running.begin(tx, UUID(incident["id"]), by_itself=True)
    assert run is not None
    async with running.watched(transaction, run, app.runtime.clock) as phases:
        async with phases.phase(StepType.EVIDENCE_COLLECTED):
            assert await steps(app, tenant, incident, 1) == [
                ("alert_received", "completed"),
                ("evidence_collected", "running"),
                ("candidates_generated", "pending"),
                ("hypotheses_scored", "pending"),
                ("published", "pending"),
            ]
        assert ("evidence_collected", "completed") in await steps(app, tenant, incident, 1)


async def test_what_was_merged_before_its_first_analysis_gets_one_once_it_is_taken_out(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    source = await opened(app, tenant)
    alert = {"name": "Another", "service": "elsewhere", "starts_at": clock.now().isoformat()}
    await app.call("POST", "webhooks/alerts", alert, token=tenant.ingest_token)
    listed = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    target = next(one for one in listed if one["id"] != source["id"])
    await app.call("POST", f"incidents/{target['id']}/merge", {"sources": [source["id"]]}, token=tenant.token)
    await app.carry()
    assert (await shown(app, tenant, source))["items"] == []
    await app.call("POST", f"incidents/{source['id']}/unmerge", token=tenant.token)
    await app.carry()
    clock.advance(seconds=30)
    await tick(app)
    assert (await shown(app, tenant, source))["run"] == 1
