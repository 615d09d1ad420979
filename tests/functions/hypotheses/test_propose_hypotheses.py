"""Which incidents are analysed as soon as they open, and which are not."""

import psycopg
import pytest

from shared.hypotheses import assembling, observations
from tests.fixtures import App, StoppedClock, Tenant, opened
from tests.functions.alerts.test_policies import change
from tests.functions.incidents.board import Board


async def test_a_project_may_do_without_analysis_and_nothing_waits_for_it(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await change(app, tenant, {"auto_analyse": False})
    incident = await opened(app, tenant)
    await app.carry()
    path = f"incidents/{incident['id']}"
    assert (await app.call("GET", f"{path}/hypotheses", token=tenant.token)).json["run"] == 0
    steps = (await app.call("GET", f"{path}/workflow", token=tenant.token)).json["items"]
    assert [step["step_type"] for step in steps] == ["alert_received"]
    waiting = await owner.execute(
        "select count(*) from event_log where tenant_id = %s and 'hypotheses' = any(awaiting)",
        (tenant.tenant_id,),
    )
    assert await waiting.fetchone() == (0,)


async def test_what_was_merged_meanwhile_is_not_analysed(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    board = Board(app, tenant, clock)
    target, source = await board.opened("Target"), await board.opened("Source")
    assert (await board.merge(target, source)).status == 200
    await app.carry()
    runs = [(await board.call("GET", f"incidents/{one['id']}/hypotheses")).json["run"] for one in (target, source)]
    assert runs == [1, 0]


async def test_of_a_storm_it_reads_what_began_first_and_last_and_says_so(
    app: App,
    tenant: Tenant,
    clock: StoppedClock,
    owner: psycopg.AsyncConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assembling, "MAX_ALERTS", 4)
    board = Board(app, tenant, clock)
    for minute in (3, 0, 5, 1, 4, 2):
        await board.post("Storm", pod=minute, startsAt=f"2026-11-20T10:0{minute}:00Z")
    await app.carry()
    (incident,) = await board.all()
    steps = (await board.call("GET", f"incidents/{incident['id']}/workflow")).json["items"]
    read = await owner.execute(
        "select labels->>'pod' from alerts where id::text in (select unnest(alert_ids) from evidence"
        " where incident_id = %s) order by 1",
        (incident["id"],),
    )
    assert [pod for (pod,) in await read.fetchall()] == ["0", "1", "4", "5"]
    (gaps,) = (step["detail"]["gaps"] for step in steps if "gaps" in step["detail"])
    assert gaps == [
        "2 of 6 alerts: an analysis reads 4, those that started first, and those that fire still or started last."
    ]


@pytest.mark.parametrize(
    ("bounds", "gap"),
    [
        ({"MAX_READ": 4}, "2 of 6 observations: an analysis reads 4, those that came last, and 4 MiB of them."),
        (
            {"MAX_READ_CHARACTERS": 1 << 20, "_POINT_CHARACTERS": 250_000},
            "2 of 6 observations: an analysis reads 300, those that came last, and 1 MiB of them.",
        ),
    ],
    ids=["many", "long"],
)
async def test_of_a_flood_of_observations_it_reads_what_came_last_and_says_so(
    app: App,
    tenant: Tenant,
    clock: StoppedClock,
    monkeypatch: pytest.MonkeyPatch,
    bounds: dict[str, int],
    gap: str,
) -> None:
    for name, value in bounds.items():
        monkeypatch.setattr(observations, name, value)
    board = Board(app, tenant, clock)
    linked = [await board.opened("Shop"), await board.opened("Cart")]
    link = {"other_id": linked[1]["id"], "kind": "related"}
    assert (await board.call("POST", f"incidents/{linked[0]['id']}/links", link)).status == 201
    at = clock.now().isoformat()
    for number in range(6):
        seen = {
            "kind": "log",
            "at": at,
            "title": f"log {number}",
            "text": "ERROR OOMKilled",
            "series": {"points": [[at, 1.0]]},
        }
        path = f"incidents/{linked[number % 2]['id']}/evidence"
        assert (await board.call("POST", path, {"items": [seen]})).status == 201
    await app.carry()
    found = (await board.call("GET", f"incidents/{linked[0]['id']}/hypotheses")).json
    texts = [item["text"] for item in found["evidence"]]
    assert gap in texts
    assert [text for text in texts if text.startswith("log")] == [f"log {n}; ERROR OOMKilled" for n in (2, 3, 4, 5)]
