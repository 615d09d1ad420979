"""Metrics as Prometheus gets them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.hypotheses.ai_tables import BudgetRow
from shared.kernel.values import TenantId, system_actor
from shared.platform.cache import Cache
from shared.platform.counting import Metrics
from shared.platform.database import Database
from shared.platform.dead_letters import bury
from shared.platform.metrics import PREFIX
from shared.platform.queues import Queue, Queues
from shared.platform.recent import Recent
from tests.fixtures import METRICS_TOKEN, App, StoppedClock, Tenant, opened, payload, register
from tests.functions.notifications.channels import make
from tests.functions.notifications.receiver import listening
from tests.shared.platform.offline import offline

type Samples = dict[str, list[tuple[dict[str, str], float]]]


async def scraped(app: App) -> Samples:
    """What a scraper sees, once what was counted so far has been sent, and of this very moment."""
    await app.runtime.metrics.flush()
    fresh = App(replace(app.runtime, recent=Recent()))
    answer = await fresh.call("GET", "metrics", token=METRICS_TOKEN)
    assert (answer.status, answer.media_type) == (200, "text/plain; version=0.0.4")
    found: Samples = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name.removeprefix(PREFIX), []).append((sample.labels, sample.value))
    return found


def value(samples: Samples, name: str, **labels: str) -> float:
    return sum(amount for found, amount in samples.get(name, []) if found.items() >= labels.items())


@pytest.mark.parametrize("token", ["", "m" * 31, "M" * 32, "ü" * 32, METRICS_TOKEN + "m"])
async def test_nobody_but_the_scraper_sees_them(app: App, token: str) -> None:
    assert (await app.call("GET", "metrics", token=token)).status == 401


async def test_a_signed_in_person_is_no_scraper(app: App, tenant: Tenant) -> None:
    assert (await app.call("GET", "metrics", token=tenant.token)).status == 401


async def test_without_a_token_in_the_settings_nobody_sees_them(app: App) -> None:
    settings = app.runtime.settings.model_copy(update={"metrics_token": offline().metrics_token})
    closed = App(replace(app.runtime, settings=settings))
    for headers in ({}, {"authorization": "Bearer "}, {"authorization": "Bearer x"}):
        assert (await closed.call("GET", "metrics", headers=headers)).status == 401


async def test_a_scraper_is_not_limited(app: App) -> None:
    settings = app.runtime.settings.model_copy(update={"rate_limit": 1})
    limited = App(replace(app.runtime, settings=settings))
    statuses = {(await limited.call("GET", "metrics", token=METRICS_TOKEN)).status for _ in range(4)}
    assert statuses == {200}


async def test_calls_are_counted_by_route_and_status(app: App, tenant: Tenant) -> None:
    before = await scraped(app)
    await app.call("GET", "incidents", token=tenant.token)
    await app.call("GET", "incidents/00000000-0000-7000-8000-000000000000", token=tenant.token)
    after = await scraped(app)

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    # Other tests may call at the same moment.
    assert grown("http_requests_total", method="GET", route="incidents", code="200") >= 1
    assert grown("http_requests_total", method="GET", route="incidents/{incident_id}", code="404") >= 1
    assert grown("http_request_duration_seconds_count", route="incidents/{incident_id}", status="4xx") >= 1
    assert grown("http_request_duration_seconds_sum", route="incidents", status="2xx") > 0


async def test_alerts_are_counted_by_what_they_said(app: App, tenant: Tenant) -> None:
    before = await scraped(app)
    twenty = payload("alertmanager-grouped-20-amtool")
    for _ in range(2):
        await app.call("POST", "webhooks/alertmanager", twenty, token=tenant.ingest_token)
    bad = {**payload("alertmanager-firing"), "alerts": [{"labels": 7}]}
    await app.call("POST", "webhooks/alertmanager", bad, token=tenant.ingest_token)
    after = await scraped(app)
    grown = {
        result: value(after, "ingest_alerts_total", result=result) - value(before, "ingest_alerts_total", result=result)
        for result in ("new", "repeated", "rejected")
    }
    assert all(grown[result] >= least for result, least in {"new": 20, "repeated": 20, "rejected": 1}.items())


async def test_what_is_open_and_what_waits_is_shown_without_any_tenant(app: App, tenant: Tenant) -> None:
    before = await scraped(app)
    await opened(app, tenant)
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        await bury(tx, project_id=UUID(tenant.project_id), source="alerts", reason="a reason", content="{}")
    await app.runtime.queues.send(Queue.AUDIT, "[]")
    found = await scraped(app)
    assert value(found, "open_incidents", state="detected") >= value(before, "open_incidents", state="detected") + 1
    assert value(found, "dead_letters", source="alerts") >= 1
    assert value(found, "relay_due_events") >= 1
    assert value(found, "relay_lag_seconds") >= 0
    assert value(found, "queue_depth", queue="audit") >= 1
    assert len(found["queue_oldest_age_seconds"]) == len(found["queue_depth"]) == 2 * len(Queue)
    assert value(found, "processes") >= 1
    assert value(found, "database_pool_connections", pool="app") >= 1
    assert value(found, "scrape_errors") == 0
    assert len(found["ai_budget_tenants"]) == 4
    text = str(found)
    assert tenant.tenant_id not in text
    assert tenant.project_id not in text


async def test_the_budget_that_is_used_most_is_shown(app: App, tenant: Tenant) -> None:
    whose, month = TenantId(UUID(tenant.tenant_id)), app.runtime.clock.now().date().replace(day=1)
    async with app.runtime.transaction(system_actor(whose)) as tx:
        amounts = {"limit_usd": Decimal("0.01"), "spent_usd": Decimal(90), "reserved_usd": Decimal(9)}
        tx.session.add(BudgetRow(tenant_id=whose, id=tx.ids.new(), month=month, **amounts))
    other = await register(app)
    none = {"limit_usd": 0}
    assert (await app.call("PUT", "analytics/ai/budget", none, token=other.token)).status == 200
    found = await scraped(app)
    assert value(found, "ai_budget_used_ratio") >= 9_900


async def test_tries_to_notify_are_counted(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    before = await scraped(app)
    async with listening() as receiver:
        await make(app, tenant, receiver, events=["incident.created"])
        receiver.answers = [(500, {})]
        await opened(app, tenant)
        await app.carry()
        clock.advance(minutes=2)
        await app.tick("retry_deliveries")
    after = await scraped(app)
    for result in ("failed", "sent"):
        of = {"channel": "webhook", "result": result}
        assert value(after, "notification_tries_total", **of) > value(before, "notification_tries_total", **of)


async def test_several_scrapers_of_a_moment_see_one_answer(app: App) -> None:
    first = await app.call("GET", "metrics", token=METRICS_TOKEN)
    await app.runtime.metrics.flush()
    assert (await app.call("GET", "metrics", token=METRICS_TOKEN)).content == first.content


# By part: the runtime's field, what makes one with nothing behind it, and a metric that is missing then.
AWAY: Mapping[str, tuple[str, Callable[[], Any], str]] = {
    "counts": ("metrics", lambda: Metrics(Cache(offline()), "of a test", dict), "processes"),
    "queues": ("queues", lambda: Queues(offline().storage_access), "queue_depth"),
    "database": ("database", lambda: Database(offline()), "open_incidents"),
}


@pytest.mark.parametrize("part", AWAY)
async def test_a_part_that_does_not_answer_is_missing_and_named(app: App, part: str) -> None:
    field, make, missing = AWAY[part]
    away = make()
    changes: dict[str, Any] = {field: away}
    found = await scraped(App(replace(app.runtime, **changes)))
    await away.close()
    assert [labels["part"] for labels, is_missing in found["scrape_errors"] if is_missing] == [part]
    assert [name for _, _, name in AWAY.values() if name not in found] == [missing]
