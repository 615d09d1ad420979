"""What AlertManager's own list closes and opens again, and what it does not, because it is no whole list."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from shared.alerts.presence import MISSING_LONG_ENOUGH
from tests.fixtures import App, StoppedClock, Tenant, register
from tests.shared.incidents.test_ingest import post, sent


@dataclass
class Listing:
    """An AlertManager's API on loopback, which lists what it is told to."""

    url: str = ""
    alerts: Any = field(default_factory=list)
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def lists(self, *alerts: dict[str, Any], silenced: bool = False) -> None:
        self.alerts = [
            {
                "fingerprint": one["fingerprint"],
                "startsAt": one["startsAt"],
                "status": {"state": "active", "silencedBy": ["s1"] if silenced else [], "inhibitedBy": []},
                "labels": one["labels"],
            }
            for one in alerts
        ]

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.json_response(self.alerts, status=self.status)


@pytest.fixture
async def listing() -> AsyncIterator[Listing]:
    service = Listing()
    app = web.Application()
    app.router.add_get("/{path:.*}", service.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/am"
    yield service
    await runner.cleanup()


@pytest.fixture
async def watched(app: App, tenant: Tenant, listing: Listing) -> Tenant:
    """The tenant, whose AlertManager can be asked."""
    path = f"integrations/{tenant.integration_id}"
    answer = await app.call("PATCH", path, {"base_url": listing.url}, token=tenant.token)
    assert answer.status == 200
    return tenant


def alert(pod: int) -> dict[str, Any]:
    return {**sent(pod, 0, "firing"), "fingerprint": f"f{pod}"}


async def firing(app: App, tenant: Tenant) -> list[int]:
    items = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    return [one["firing_count"] for one in items]


async def look(app: App) -> None:
    await app.tick("reconcile_alerts")
    await app.carry()


async def look_until_gone(app: App, clock: StoppedClock) -> None:
    """Look, and once more when what was missing then has been so for long enough."""
    await look(app)
    clock.advance(seconds=MISSING_LONG_ENOUGH.total_seconds())
    await look(app)


async def test_what_is_not_listed_any_more_closes_after_a_while_and_the_rest_fires_on(
    app: App, watched: Tenant, listing: Listing, clock: StoppedClock
) -> None:
    await post(app, watched, [alert(1), alert(2)])
    listing.lists(alert(2))
    await look(app)
    assert await firing(app, watched) == [2]  # it may just have restarted
    clock.advance(seconds=MISSING_LONG_ENOUGH.total_seconds())
    await look(app)
    assert await firing(app, watched) == [1]
    assert listing.asked == ["/am/api/v2/alerts"] * 2


async def test_an_alert_that_is_back_in_time_is_not_missing_any_more(
    app: App, watched: Tenant, listing: Listing, clock: StoppedClock
) -> None:
    await post(app, watched, [alert(1)])
    await look(app)
    listing.lists(alert(1))
    clock.advance(minutes=4)
    await look(app)
    listing.lists()
    clock.advance(minutes=4)
    await look(app)
    assert await firing(app, watched) == [1]


async def test_a_silenced_alert_closes_and_opens_again_when_its_silence_ends(
    app: App, watched: Tenant, listing: Listing
) -> None:
    await post(app, watched, [alert(1)])
    listing.lists(alert(1), silenced=True)
    await look(app)
    assert await firing(app, watched) == [0]
    await look(app)
    assert await firing(app, watched) == [0]
    listing.lists(alert(1))
    await look(app)
    (incident,) = (await app.call("GET", "incidents", token=watched.token)).json["items"]
    assert (incident["state"], incident["firing_count"], incident["alert_count"]) == ("investigating", 1, 1)


async def test_what_fired_anew_since_closes_the_one_before(
    app: App, watched: Tenant, listing: Listing, clock: StoppedClock
) -> None:
    before = alert(1)
    after = {**before, "startsAt": sent(1, 1, "firing")["startsAt"]}
    await post(app, watched, [before, after])
    listing.lists(after)
    await look_until_gone(app, clock)
    assert await firing(app, watched) == [1]


@pytest.mark.parametrize(
    ("status", "alerts"),
    [
        (500, []),
        (404, []),
        (302, []),
        (200, {"alerts": []}),
        (200, [{"fingerprint": "f9"}]),
        (200, [{"fingerprint": "f9", "startsAt": "yesterday", "status": {"silencedBy": []}}]),
        (200, "x" * (17 * 1_024 * 1_024)),
    ],
)
async def test_an_answer_that_is_no_whole_list_closes_nothing(
    app: App, watched: Tenant, listing: Listing, clock: StoppedClock, status: int, alerts: Any
) -> None:
    await post(app, watched, [alert(1)])
    listing.status, listing.alerts = status, alerts
    await look_until_gone(app, clock)
    assert await firing(app, watched) == [1]
    assert len(listing.asked) == 2


async def test_a_service_that_is_away_closes_nothing(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    path = f"integrations/{tenant.integration_id}"
    await app.call("PATCH", path, {"base_url": "http://127.0.0.1:9"}, token=tenant.token)
    await post(app, tenant, [alert(1)])
    await look_until_gone(app, clock)
    assert await firing(app, tenant) == [1]


async def test_only_alertmanagers_own_alerts_are_compared_with_its_list(
    app: App, watched: Tenant, listing: Listing, clock: StoppedClock
) -> None:
    other = await register(app)
    grafana = {"kind": "grafana", "name": "g", "base_url": listing.url}
    token = (await app.call("POST", "integrations", grafana, token=watched.token)).json["token"]
    await app.call("POST", "webhooks/grafana", {"alerts": [alert(7)]}, token=token)
    await post(app, other, [alert(1)])
    await look_until_gone(app, clock)
    assert (await firing(app, watched), await firing(app, other)) == ([1], [1])
    assert listing.asked == []  # nothing fires that it could know of


async def test_the_stored_credentials_go_along(app: App, tenant: Tenant) -> None:
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.json_response([])

    served = web.Application()
    served.router.add_get("/api/v2/alerts", answer)
    runner = web.AppRunner(served)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    given = {
        "base_url": f"http://127.0.0.1:{runner.addresses[0][1]}",
        "credentials": {"type": "bearer", "token": "let-me-in"},
    }
    await app.call("PATCH", f"integrations/{tenant.integration_id}", given, token=tenant.token)
    await post(app, tenant, [alert(1)])
    await look(app)
    await runner.cleanup()
    assert seen == ["Bearer let-me-in"]
