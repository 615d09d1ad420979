"""While the database is away, alerts go to the queue and lose nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from pydantic import SecretStr

from functions.subscriptions import ROUTES
from scripts.devstack.ports import free_port
from shared.alerts.values import AlertStatus, Delivery
from shared.incidents import store as incidents
from shared.incidents.batches import Batch, pack, unpack
from shared.kernel.values import TenantId, system_actor
from shared.platform.foreign import Rejected
from shared.platform.queues import MAX_MESSAGE_BYTES, Queue
from shared.platform.ratelimit import Limits
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode, Settings
from tests.fixtures import App, StoppedClock, Tenant, payload, register

pytestmark = pytest.mark.xdist_group("queues")


@pytest.fixture
async def away(settings: Settings, clock: StoppedClock) -> AsyncIterator[App]:
    """The app on an instance whose database does not answer."""
    url = SecretStr(f"postgresql://nobody:nothing@127.0.0.1:{free_port()}/gone")
    gone = settings.model_copy(update={"database_url": url, "system_database_url": url})
    runtime = Runtime.start(gone, ROUTES, clock=clock)
    built = App(runtime)
    yield built
    await built.mailbox.close()
    await runtime.close()


async def test_alerts_wait_on_the_queue_and_become_the_same_incident(app: App, away: App, tenant: Tenant) -> None:
    body = payload("alertmanager-grouped-20-prometheus-firing")
    answer = await away.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert (answer.status, answer.json["accepted"], answer.json["stored"]) == (202, 20, "queue")
    assert (await app.call("GET", "incidents", token=tenant.token)).json["items"] == []
    await app.carry()
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert (incident["alert_count"], incident["state"]) == (20, "detected")
    # and once more by the other way in: nothing changes
    direct = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert direct.json["stored"] == "database"
    (again,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert again == incident


async def test_a_queued_message_goes_back_while_the_database_stays_away(app: App, away: App, tenant: Tenant) -> None:
    await away.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
    (message,) = await app.mailbox.take(Queue.ALERTS)
    await away.hand("ingest_alerts", message)  # no error: a try is not for waiting
    assert await app.runtime.queues.depth(Queue.ALERTS) == 1


async def test_while_one_tenant_merges_only_its_own_alerts_take_the_queue(
    app: App, settings: Settings, clock: StoppedClock, tenant: Tenant
) -> None:
    runtime = Runtime.start(settings.model_copy(update={"ingest_deadline": 3.0}), ROUTES, clock=clock)
    built, other, body = App(runtime), await register(app), payload("alertmanager-firing")
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        await incidents.hold_alerts(tx)
        answers = [
            await built.call("POST", "webhooks/alertmanager", body, token=one.ingest_token) for one in (tenant, other)
        ]
    await built.mailbox.close()
    await runtime.close()
    assert [answer.json["stored"] for answer in answers] == ["queue", "database"]
    await app.carry()
    assert len((await app.call("GET", "incidents", token=tenant.token)).json["items"]) == 1


async def test_with_both_stores_away_the_sender_is_asked_to_come_again(
    settings: Settings, clock: StoppedClock, tenant: Tenant
) -> None:
    url = SecretStr(f"postgresql://nobody:nothing@127.0.0.1:{free_port()}/gone")
    storage = SecretStr(
        "DefaultEndpointsProtocol=http;AccountName=gone;AccountKey=a2V5;"
        f"QueueEndpoint=http://127.0.0.1:{free_port()}/gone;"
    )
    nothing = settings.model_copy(update={"database_url": url, "system_database_url": url, "storage": storage})
    runtime = Runtime.start(nothing, ROUTES, clock=clock)
    built = App(runtime)
    answer = await built.call(
        "POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token
    )
    ready = await built.call("GET", "health/ready")
    await runtime.close()
    assert (answer.status, answer.json["type"]) == (503, "/problems/queue-away")
    assert int(answer.headers["Retry-After"]) > 0
    assert ready.status == 503


async def test_a_revoked_token_is_refused_by_the_cache_while_the_database_is_away(
    app: App, away: App, tenant: Tenant
) -> None:
    await app.call("DELETE", f"integrations/{tenant.integration_id}", token=tenant.token)
    answer = await away.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
    assert answer.status == 401


async def test_a_token_revoked_while_its_alerts_waited_stores_nothing(app: App, away: App, tenant: Tenant) -> None:
    await away.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
    await app.call("DELETE", f"integrations/{tenant.integration_id}", token=tenant.token)
    await app.carry()
    assert (await app.call("GET", "incidents", token=tenant.token)).json["items"] == []


@pytest.mark.parametrize(("grace", "stored"), [(60, 1), (59, 0)])
async def test_a_rotated_token_is_judged_by_when_its_alerts_came_and_not_by_how_long_they_waited(
    app: App, away: App, tenant: Tenant, clock: StoppedClock, grace: int, stored: int
) -> None:
    await app.call("POST", f"integrations/{tenant.integration_id}/rotate", {"grace_seconds": grace}, token=tenant.token)
    await app.runtime.cache.delete(f"integration:{tenant.integration_id}:version")  # the cache judges when alerts come
    clock.advance(seconds=59)
    await away.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
    clock.advance(seconds=600)
    await app.carry()
    assert len((await app.call("GET", "incidents", token=tenant.token)).json["items"]) == stored


async def test_queue_mode_always_queues(app: App, settings: Settings, tenant: Tenant) -> None:
    queueing = replace(app.runtime, settings=settings.model_copy(update={"ingest_mode": IngestMode.QUEUE}))
    levelled = App(queueing)
    answer = await levelled.call(
        "POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token
    )
    await levelled.mailbox.close()
    assert answer.json["stored"] == "queue"
    await app.carry()
    assert len((await app.call("GET", "incidents", token=tenant.token)).json["items"]) == 1


def batch(clock: StoppedClock, app: App, *deliveries: Delivery) -> Batch:
    ids = app.runtime.ids
    return Batch(
        batch_id=ids.new(),
        tenant_id=ids.new(),
        project_id=ids.new(),
        integration_id=ids.new(),
        token_version=1,
        received_at=clock.now(),
        at=clock.now(),
        deliveries=deliveries,
        rejected=(Rejected(reason="labels: missing", content="{}"),),
        truncated=3,
    )


def delivery(clock: StoppedClock, n: int, *, annotation: str, label: str = "x") -> Delivery:
    return Delivery(
        fingerprint=f"{n:016x}",
        starts_at=clock.now(),
        status=AlertStatus.FIRING,
        ends_at=None,
        labels={"alertname": "Big", "n": str(n), **{f"label{i}": label for i in range(50)}},
        annotations={"summary": annotation},
        group={},
    )


async def test_a_large_batch_is_packed_into_messages_that_fit_and_none_is_missing(
    app: App, clock: StoppedClock
) -> None:
    sent = batch(clock, app, *(delivery(clock, n, annotation="ü" * 2_000) for n in range(100)))
    messages = list(pack(sent))
    assert len(messages) > 1
    assert max(len(message.encode()) for message in messages) <= MAX_MESSAGE_BYTES
    received = [unpack(message) for message in messages]
    assert tuple(d for one in received for d in one.deliveries) == sent.deliveries
    assert tuple(r for one in received for r in one.rejected) == sent.rejected
    assert sum(one.truncated for one in received) == sent.truncated


def packed(clock: StoppedClock, app: App, alert: Delivery) -> tuple[list[Delivery], set[str]]:
    """What comes out of the queue for one alert: alerts, and the reasons of dead letters."""
    received = [unpack(message) for message in pack(batch(clock, app, alert))]
    return [d for one in received for d in one.deliveries], {r.reason for one in received for r in one.rejected}


async def test_one_alert_too_large_for_a_message_has_its_annotations_cut(app: App, clock: StoppedClock) -> None:
    sent = delivery(clock, 1, annotation="a" * 60_000)
    (kept,), _ = packed(clock, app, sent)
    assert kept.cut
    assert kept.annotations["summary"].startswith("a" * 200)
    assert (kept.labels, kept.fingerprint) == (sent.labels, sent.fingerprint)


async def test_one_alert_of_countless_annotations_loses_them(app: App, clock: StoppedClock) -> None:
    many = replace(delivery(clock, 1, annotation=""), annotations={f"a{n}": "a" * 100 for n in range(1_000)})
    (kept,), _ = packed(clock, app, many)
    assert (kept.cut, dict(kept.annotations), kept.labels) == (True, {}, many.labels)


async def test_one_alert_whose_labels_are_too_large_keeps_what_it_is(app: App, clock: StoppedClock) -> None:
    sent = delivery(clock, 1, annotation="", label="l" * 1_024)
    (kept,), _ = packed(clock, app, sent)
    assert kept.cut
    assert (kept.fingerprint, kept.labels.keys()) == (sent.fingerprint, sent.labels.keys())
    assert (kept.labels["alertname"], kept.labels["label7"][:200]) == ("Big", "l" * 200)


async def test_one_alert_whose_group_is_too_large_becomes_a_dead_letter(app: App, clock: StoppedClock) -> None:
    alerts, reasons = packed(clock, app, replace(delivery(clock, 1, annotation=""), group={"g": "g" * 60_000}))
    assert alerts == []
    assert "too large for the queue" in reasons


async def test_what_a_sender_posts_beyond_its_limit_waits_on_the_queue_and_is_not_lost(
    app: App, settings: Settings, tenant: Tenant
) -> None:
    limited = App(
        replace(app.runtime, settings=settings.model_copy(update={"ingest_limit": 2}), limits=Limits(app.runtime.cache))
    )
    bodies = [payload("alertmanager-grouped-20-prometheus-firing"), *[payload("alertmanager-firing")] * 2]
    answers = [await limited.call("POST", "webhooks/alertmanager", one, token=tenant.ingest_token) for one in bodies]
    await limited.mailbox.close()
    assert [(one.status, one.json["stored"]) for one in answers] == [(202, "database")] * 2 + [(202, "queue")]
    await app.carry()
    found = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert sorted(one["alert_count"] for one in found) == [1, 20]
