"""The merge against what is stored: any order, any repetition, any split into posts, many at once."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.alerts.policies import Policy
from shared.incidents import store
from shared.incidents.commands import Move, move
from shared.incidents.lifecycle import By, State
from shared.kernel.values import TenantId, system_actor
from shared.platform.faults import arm
from tests.fixtures import App, DatabaseUrls, StoppedClock, Tenant, register

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def sent(pod: int, episode: int, status: str, end: int = 1) -> dict[str, Any]:
    starts = START + timedelta(hours=episode)
    return {
        "status": status,
        "labels": {
            "alertname": "Down",
            "service": "shop",
            "pod": f"shop-{pod}",
            "severity": ["page", "warning"][pod % 2],
        },
        "annotations": {"summary": f"shop-{pod} is down", "value": str(end)},
        "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(minutes=end)).isoformat() if status == "resolved" else "0001-01-01T00:00:00Z",
    }


HISTORY = [
    *(sent(pod, 0, "firing", value) for pod in range(3) for value in (1, 2)),
    *(sent(pod, 0, "resolved", end) for pod in range(3) for end in (1, 2)),
    sent(0, 1, "firing"),
    sent(7, 2, "resolved"),  # never fired
]


async def post(app: App, tenant: Tenant, alerts: Sequence[dict[str, Any]]) -> None:
    body = {"version": "4", "alerts": list(alerts), "groupLabels": {"alertname": "Down", "service": "shop"}}
    answer = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert answer.status == 202


def outcome(urls: DatabaseUrls, tenant: Tenant) -> dict[str, Any]:
    """All that ingest decides, without ids and times of arrival."""
    with psycopg.connect(urls.owner) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(query, (tenant.tenant_id,)).fetchall()

        return {
            "alerts": rows(
                "select fingerprint, starts_at, ends_at, fired, resolved, severity, title, annotations, grouping,"
                " incident_id is not null from alerts where tenant_id = %s order by 1, 2"
            ),
            "incidents": rows(
                "select number, state, severity, title, service_name, started_at from incidents where tenant_id = %s"
            ),
            "events": rows(
                "select type, data ->> 'fingerprint', count(*) from event_log where tenant_id = %s"
                " and type in ('incident.created', 'alert.fired', 'alert.resolved') group by 1, 2 order by 1, 2"
            ),
        }


@pytest.mark.parametrize("seed", range(12))
async def test_any_interleaving_ends_like_the_order_it_happened_in(
    app: App, tenant: Tenant, database_urls: DatabaseUrls, seed: int
) -> None:
    for alert in HISTORY:
        await post(app, tenant, [alert])
    expected = outcome(database_urls, tenant)
    assert len(expected["incidents"]) == 1

    random, shuffled = Random(seed), await register(app)
    deliveries = [*HISTORY, *random.choices(HISTORY, k=10)]
    random.shuffle(deliveries)
    while deliveries:
        size = random.randint(1, 5)
        await post(app, shuffled, deliveries[:size])
        del deliveries[:size]
    assert outcome(database_urls, shuffled) == expected


async def test_many_at_once_open_one_incident_and_count_every_alert_once(
    app: App, tenant: Tenant, database_urls: DatabaseUrls
) -> None:
    posts = [[sent(pod, 0, status)] for pod in range(40) for status in ("firing", "resolved", "firing")]
    await asyncio.gather(*(post(app, tenant, alerts) for alerts in posts))
    found = outcome(database_urls, tenant)
    assert len(found["incidents"]) == 1
    assert len(found["alerts"]) == 40
    assert [count for kind, _, count in found["events"] if kind != "incident.created"] == [1] * 80


async def test_many_groups_at_once_do_not_wait_for_each_other_in_a_circle(app: App, tenant: Tenant) -> None:
    def group(number: int, pods: Sequence[int]) -> dict[str, Any]:
        alerts = [sent(pod, 0, "firing") for pod in pods]
        for alert in alerts:
            alert["labels"]["group"] = str(number)
        return {"version": "4", "alerts": alerts, "groupLabels": {"group": str(number)}}

    bodies = [group(n % 10, [n, 40 - n, 20]) for n in range(40)]
    answers = await asyncio.gather(
        *(app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token) for body in bodies)
    )
    assert {answer.json["stored"] for answer in answers} == {"database"}
    listed = (await app.call("GET", "incidents?limit=200", token=tenant.token)).json["items"]
    assert sorted(one["number"] for one in listed) == list(range(1, 11))


async def test_an_incident_is_as_bad_as_its_worst_alert_and_named_after_its_first(app: App, tenant: Tenant) -> None:
    await post(app, tenant, [sent(1, 1, "firing")])
    await post(app, tenant, [sent(0, 0, "firing")])
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    assert (incident["severity"], incident["title"], incident["version"]) == ("critical", "shop-0 is down", 2)
    entries = (await app.call("GET", f"incidents/{incident['id']}/timeline", token=tenant.token)).json["items"]
    assert entries[-1]["changes"] == {
        "severity": ["medium", "critical"],
        "title": ["shop-1 is down", "shop-0 is down"],
    }


async def test_an_alert_says_why_it_is_here(app: App, tenant: Tenant) -> None:
    await post(app, tenant, [sent(0, 0, "firing")])
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    (alert,) = (await app.call("GET", f"incidents/{incident['id']}/alerts", token=tenant.token)).json["items"]
    assert alert["grouping"] == {
        "rule": "group",
        "fields": ["alertname", "service"],
        "values": {"alertname": "Down", "service": "shop"},
        "sent": {"alertname": "Down", "service": "shop"},
    }


async def test_an_alert_whose_incident_is_closed_under_its_hands_opens_another(
    app: App, tenant: Tenant, database_urls: DatabaseUrls
) -> None:
    """Between the statement that finds an open incident and the one that joins it, a person closes it."""
    await post(app, tenant, [sent(0, 0, "firing")])

    def close(point: str) -> None:
        if point == "ingest.between_statements":
            arm(None)
            with psycopg.connect(database_urls.owner) as connection:
                connection.execute(
                    "update incidents set state = 'inconclusive' where tenant_id = %s", (tenant.tenant_id,)
                )

    arm(close)
    await post(app, tenant, [sent(1, 0, "firing")])
    found = outcome(database_urls, tenant)
    assert [state for _, state, *_ in sorted(found["incidents"])] == ["inconclusive", "detected"]
    assert all(alert[-1] for alert in found["alerts"])


async def test_a_fire_that_arrived_before_the_machines_move_still_reopens(
    app: App, tenant: Tenant, database_urls: DatabaseUrls, clock: StoppedClock
) -> None:
    """Another machine's clock is behind, or the alert waited for its transaction while the incident was mitigated."""
    await post(app, tenant, [sent(0, 0, "firing")])
    await post(app, tenant, [sent(0, 0, "resolved")])
    await app.carry()
    clock.advance(seconds=-30)
    await post(app, tenant, [sent(1, 0, "firing")])
    clock.advance(seconds=31)
    await app.carry()
    (incident,) = outcome(database_urls, tenant)["incidents"]
    assert incident[1] == "investigating"


async def test_group_labels_that_cannot_be_read_cost_no_alert(app: App, tenant: Tenant) -> None:
    body = {"version": "4", "alerts": [sent(0, 0, "firing")], "groupLabels": {"service": "x" * 1_025}}
    answer = await app.call("POST", "webhooks/alertmanager", body, token=tenant.ingest_token)
    assert (answer.status, answer.json["accepted"]) == (202, 1)


async def joins_or_waits(owner: psycopg.AsyncConnection, posting: asyncio.Task[None]) -> None:
    """Return once the alert is stored, or waits for a lock that somebody holds."""
    async with asyncio.timeout(5):
        while not posting.done():
            found = await owner.execute(
                "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            if found.rowcount:
                return
            await asyncio.sleep(0.005)


async def test_an_alert_that_joins_while_its_incident_is_moved_reopens_it(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, database_urls: DatabaseUrls
) -> None:
    """One of both sees the other: the alert waits for the move, and then counts as a fire after it."""
    await post(app, tenant, [sent(0, 0, "firing")])
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        row = await store.lock(tx, UUID(incident["id"]))
        posting = asyncio.create_task(post(app, tenant, [sent(1, 0, "firing")]))
        await joins_or_waits(owner, posting)
        await move(tx, row, Move(to=State.MITIGATED, note="", by=By.MACHINE), Policy())
    await posting
    await app.carry()
    (found,) = outcome(database_urls, tenant)["incidents"]
    assert found[1] == "investigating"
