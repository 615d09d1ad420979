"""Maintenance windows as people handle them: planned, listed, changed, refused, tried out."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event

from shared.alerts import maintenance
from shared.alerts.matching import Matcher, all_match
from tests.fixtures import App, StoppedClock, Tenant, register
from tests.held import alert, plan, post
from tests.waiting import eventually

GOOD = {
    "title": "a change of disks",
    "matchers": [{"label": "service", "value": "shop"}],
    "starts_at": "2026-11-25T22:00:00+01:00",
    "ends_at": "2026-11-26T02:00:00Z",
}


@pytest.fixture
def clock() -> StoppedClock:
    """A time before the window."""
    found = StoppedClock()
    found.at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    return found


async def windows(app: App, tenant: Tenant, query: str = "") -> list[dict[str, Any]]:
    found = await app.call("GET", f"maintenance-windows{query}", token=tenant.token)
    items: list[dict[str, Any]] = found.json["items"]
    return items


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"matchers": []}, "matchers"),
        ({"matchers": [{"label": "x", "value": "y"}] * 21}, "matchers"),
        ({"matchers": [{"label": "x", "operator": "=~", "value": "("}]}, "matchers.0"),
        ({"matchers": [{"label": "x", "operator": "like", "value": "y"}]}, "matchers.0.operator"),
        ({"matchers": [{"label": "", "value": "y"}]}, "matchers.0.label"),
        ({"matchers": [{"label": "x", "value": "y\x00"}]}, "matchers.0.value"),
        ({"starts_at": "2026-11-26T03:00:00Z"}, "starts_at"),
        ({"starts_at": "2026-10-01T00:00:00Z"}, "starts_at"),
        ({"starts_at": "2026-11-25T22:00:00"}, "starts_at"),
        ({"starts_at": "1999-11-25T22:00:00Z"}, "starts_at"),
        ({"rule": "FREQ=SECONDLY"}, "rule"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-02T00:00:00Z"}, "ends_at"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    app: App, tenant: Tenant, wrong: dict[str, Any], field: str
) -> None:
    answer = await app.call("POST", "maintenance-windows", GOOD | wrong, token=tenant.token)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


async def test_times_that_do_not_go_together_are_both_named(app: App, tenant: Tenant) -> None:
    wrong = GOOD | {"ends_at": GOOD["starts_at"]}
    answer = await app.call("POST", "maintenance-windows", wrong, token=tenant.token)
    assert [error["field"] for error in answer.json["errors"]] == ["starts_at", "ends_at"]


async def test_windows_are_listed_by_where_they_are_in_time(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    now = clock.now()
    ids = {
        "active": (await plan(app, tenant, now - timedelta(minutes=1), 60))["id"],
        "upcoming": (await plan(app, tenant, now + timedelta(hours=1), 60, rule="FREQ=WEEKLY"))["id"],
        "past": (await plan(app, tenant, now, 60))["id"],
    }
    await app.call("DELETE", f"maintenance-windows/{ids['past']}", token=tenant.token)
    for status, window_id in ids.items():
        found = await windows(app, tenant, f"?status={status}")
        assert [(one["id"], one["status"]) for one in found] == [(window_id, status)]
    first = await app.call("GET", "maintenance-windows?limit=2", token=tenant.token)
    rest = await windows(app, tenant, f"?limit=2&cursor={first.json['next_cursor']}")
    assert [one["id"] for one in (*first.json["items"], *rest)] == [*ids.values()][::-1]


async def test_occurrences_are_shown_by_the_wall_clock_of_the_zone(app: App, tenant: Tenant) -> None:
    body = GOOD | {"rule": "FREQ=WEEKLY;BYDAY=WE", "timezone": "Europe/Berlin"}
    made = (await app.call("POST", "maintenance-windows", body, token=tenant.token)).json
    assert made["next"] == {"starts_at": "2026-11-25T21:00:00Z", "ends_at": "2026-11-26T02:00:00Z"}
    assert made["status"] == "upcoming"
    assert datetime.fromisoformat(made["last_ends_at"]).year == 2031


async def test_a_stale_version_is_refused_and_a_missing_one_is_not(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    path = f"maintenance-windows/{(await plan(app, tenant, clock.now(), 60))['id']}"
    for method, where, body in (("PATCH", path, {"title": "b"}), ("POST", f"{path}/end", None), ("DELETE", path, None)):
        stale = await app.call(method, where, body, token=tenant.token, headers={"if-match": '"7"'})
        assert stale.status == 412
    changed = await app.call("PATCH", path, {"title": "b"}, token=tenant.token, headers={"if-match": '"1"'})
    assert (changed.json["title"], changed.json["version"]) == ("b", 2)
    same = await app.call("PATCH", path, {"title": "b"}, token=tenant.token)
    assert same.json["version"] == 2


async def test_what_is_over_cannot_be_changed_and_ends_but_once(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    path = f"maintenance-windows/{(await plan(app, tenant, clock.now(), 60))['id']}"
    clock.advance(minutes=1)
    assert (await app.call("POST", f"{path}/end", token=tenant.token)).json["status"] == "past"
    assert (await app.call("POST", f"{path}/end", token=tenant.token)).status == 409
    assert (await app.call("PATCH", path, {"title": "b"}, token=tenant.token)).status == 409
    assert (await app.call("DELETE", path, token=tenant.token)).status == 204


async def test_the_preview_shows_what_would_be_held(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    now = clock.now()
    await post(app, tenant, alert(1, now), alert(2, now), alert(3, now, service="cart"))
    await post(app, tenant, alert(2, now, now))
    matchers = {"matchers": [{"label": "service", "operator": "=~", "value": "sh.*"}]}
    found = (await app.call("POST", "maintenance-windows/preview", matchers, token=tenant.token)).json
    assert (found["looked_at"], found["matched"], found["firing"], found["is_partial"]) == (3, 2, 1, False)
    assert {one["labels"]["pod"] for one in found["alerts"]} == {"shop-1", "shop-2"}


MATCHERS = {"matchers": [{"label": "service", "operator": "=~", "value": "sh.*"}]}


async def test_the_preview_reads_no_annotations_and_no_labels_but_those_it_is_asked_for(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    await post(app, tenant, alert(1, clock.now()))
    asked: list[str] = []
    engine = app.runtime.database.app.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    found = (await app.call("POST", "maintenance-windows/preview", MATCHERS, token=tenant.token)).json
    event.remove(engine, "before_cursor_execute", note)
    assert [one["labels"]["pod"] for one in found["alerts"]] == ["shop-1"]
    tried, shown = (statement for statement in asked if "FROM alerts" in statement)
    assert "annotations" not in tried + shown
    assert tried.count("alerts.labels") == tried.count("alerts.labels ->> ") == 1


async def test_of_too_many_alerts_the_preview_looks_at_the_newest(
    app: App, tenant: Tenant, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_MAX_LOOKED_AT", 2)
    monkeypatch.setattr(maintenance, "_MAX_SHOWN", 1)
    for pod in range(3):
        await post(app, tenant, alert(pod, clock.now()))
    found = (await app.call("POST", "maintenance-windows/preview", MATCHERS, token=tenant.token)).json
    assert (found["looked_at"], found["matched"], found["firing"], found["is_partial"]) == (2, 2, 2, True)
    assert [one["labels"]["pod"] for one in found["alerts"]] == ["shop-2"]


async def test_others_go_on_while_a_preview_tries_its_matchers(
    app: App, tenant: Tenant, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(app, tenant, alert(1, clock.now()))
    tries, is_answered = Event(), Event()

    def slowly(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
        tries.set()
        return is_answered.wait(10) and all_match(matchers, labels)

    async def has_begun() -> bool:
        return tries.is_set()

    monkeypatch.setattr(maintenance, "all_match", slowly)
    preview = asyncio.create_task(app.call("POST", "maintenance-windows/preview", MATCHERS, token=tenant.token))
    await eventually(has_begun)
    assert app.runtime.database.connections()["app", "in_use"] == 0
    assert (await app.call("GET", "projects", token=tenant.token)).status == 200
    is_answered.set()
    assert (await preview).json["matched"] == 1


async def test_a_window_holds_no_other_tenants_alerts_and_is_not_theirs_to_see(
    app: App, tenant: Tenant, clock: StoppedClock
) -> None:
    window = await plan(app, tenant, clock.now(), 60)
    stranger = await register(app)
    await post(app, stranger, alert(1, clock.now()))
    assert (await app.call("GET", "incidents", token=stranger.token)).json["items"]
    assert await windows(app, stranger) == []
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/end")):
        body: dict[str, Any] | None = {} if method == "PATCH" else None
        where = f"maintenance-windows/{window['id']}{path}"
        assert (await app.call(method, where, body, token=stranger.token)).status == 404


async def test_held_alerts_are_listed_and_counted(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    window = await plan(app, tenant, clock.now(), 60)
    await post(app, tenant, alert(1, clock.now()), alert(2, clock.now(), service="cart"))
    assert [one["held_count"] for one in await windows(app, tenant)] == [1]
    queries = {
        "held=true": ["shop"],
        "held=false": ["cart"],
        "status=firing": ["cart", "shop"],
        "status=resolved": [],
        "service=cart": ["cart"],
        f"window_id={window['id']}": ["shop"],
    }
    for query, expected in queries.items():
        found = (await app.call("GET", f"alerts?{query}", token=tenant.token)).json["items"]
        assert sorted(one["service_name"] for one in found) == expected, query
    first = (await app.call("GET", "alerts?limit=1", token=tenant.token)).json
    second = (await app.call("GET", f"alerts?limit=1&cursor={first['next_cursor']}", token=tenant.token)).json
    assert len({one["id"] for page in (first, second) for one in page["items"]}) == 2
    assert second["next_cursor"] is None
