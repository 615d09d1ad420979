"""Held alerts in any order: whatever windows, threshold and order of arrival there are, the end is the same."""

from datetime import timedelta
from itertools import batched
from random import Random
from typing import Any

import psycopg
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fixtures import App, DatabaseUrls, StoppedClock, Tenant, register, sign_in_again
from tests.held import alert, plan, post, sweep

MINUTE = timedelta(minutes=1)
MINUTES = st.integers(min_value=0, max_value=40)
EPISODES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["shop", "cart"]), MINUTES, st.none() | st.integers(1, 30)),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one[:3],
)
WINDOWS = st.lists(st.tuples(MINUTES, st.integers(41, 60)), max_size=2)


def outcome(urls: DatabaseUrls, tenant: Tenant) -> dict[str, Any]:
    """All that is decided about alerts, without ids and times of arrival; states only as far as no order shows."""
    with psycopg.connect(urls.owner) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(query, (tenant.tenant_id,)).fetchall()

        return {
            "alerts": rows(
                "select fingerprint, starts_at, ends_at, fired, resolved, incident_id is null,"
                " case when incident_id is null then held_by end from alerts where tenant_id = %s order by 1, 2"
            ),
            "incidents": rows(
                "select i.title, i.state = 'mitigated', i.started_at, array_agg(a.fingerprint order by a.fingerprint)"
                " from incidents i join alerts a on a.incident_id = i.id where i.tenant_id = %s"
                " group by i.tenant_id, i.id order by i.grouping_key"
            ),
            "events": rows(
                "select type, data ->> 'fingerprint', count(*) from event_log where tenant_id = %s"
                " and type in ('alert.fired', 'alert.resolved', 'incident.created') group by 1, 2 order by 1, 2"
            ),
        }


async def furnish(app: App, tenant: Tenant, now: Any, windows: list[tuple[int, int]], count: int) -> None:
    for start, end in windows:
        await plan(app, tenant, now + start * MINUTE, end - start)
    body = {"threshold": {"count": count, "window": 600}}
    await app.call("PATCH", f"projects/{tenant.project_id}/policies", body, token=tenant.token)


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(episodes=EPISODES, windows=WINDOWS, count=st.integers(1, 3), seed=st.integers(0, 1_000))
async def test_any_order_ends_like_the_order_it_happened_in(
    app: App,
    clock: StoppedClock,
    database_urls: DatabaseUrls,
    episodes: list[tuple[int, str, int, int | None]],
    windows: list[tuple[int, int]],
    count: int,
    seed: int,
) -> None:
    random, begin = Random(seed), clock.now()
    history = []
    for pod, service, start, length in episodes:
        at = begin + start * MINUTE
        history.append((at, alert(pod, at, service=service)))
        if length is not None:
            history.append((at + length * MINUTE, alert(pod, at, at + length * MINUTE, service=service)))
    in_order = [one for _, one in sorted(history, key=lambda pair: pair[0])]
    shuffled = [*in_order, *random.choices(in_order, k=3)]
    random.shuffle(shuffled)
    found = []
    for deliveries in (in_order, shuffled):
        clock.at = begin
        tenant = await register(app)
        await furnish(app, tenant, begin, windows, count)
        clock.advance(minutes=40)
        tenant = await sign_in_again(app, tenant)
        for batch in batched(deliveries, random.randint(1, 4), strict=False):
            await post(app, tenant, *batch)
            if random.random() < 0.5:
                await app.carry()
        await app.carry()
        during = outcome(database_urls, tenant)
        clock.advance(minutes=20)
        for _ in range(2):
            await sweep(app)
        found.append((during, outcome(database_urls, tenant)))
    assert found[0] == found[1]
    with psycopg.connect(database_urls.owner) as connection:
        crowded = connection.execute(
            "select 1 from incidents where state not in ('resolved', 'learned', 'inconclusive')"
            " group by tenant_id, project_id, grouping_key having count(*) > 1"
        )
        assert crowded.fetchall() == []
