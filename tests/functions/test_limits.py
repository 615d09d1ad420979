"""How often somebody may call."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from functions.limits import client_address
from scripts.devstack.ports import free_port
from shared.platform.cache import Cache
from shared.platform.ratelimit import Limits
from shared.platform.runtime import Runtime
from tests.fixtures import App, Tenant, payload

type Limited = Callable[..., App]


@pytest.fixture
async def limited(app: App) -> AsyncIterator[Limited]:
    """The app with other limits."""
    async with AsyncExitStack() as stack:

        def build(*, cache: Cache | None = None, **limits: int) -> App:
            settings = app.runtime.settings.model_copy(update=limits)
            found = Limits(cache or app.runtime.cache)
            built = App(replace(app.runtime, settings=settings, limits=found))
            stack.push_async_callback(built.mailbox.close)
            return built

        yield build


async def calls(app: App, tenant: Tenant, count: int) -> list[Any]:
    return [await app.call("GET", "incidents?limit=1", token=tenant.token) for _ in range(count)]


async def test_a_person_may_call_as_often_as_the_limit_says_and_is_told(limited: Limited, tenant: Tenant) -> None:
    answers = await calls(limited(rate_limit=3), tenant, 5)
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"caller";q=3;w=60'
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers[:3]] == ["r=2", "r=1", "r=0"]
    refused = answers[3]
    assert refused.json["type"] == "/problems/too-many"
    assert 1 <= int(refused.headers["Retry-After"]) <= 20


async def test_a_tenants_people_share_a_limit_too(limited: Limited, tenant: Tenant) -> None:
    app = limited(tenant_rate_limit=2)
    key = (await app.call("POST", "api-keys", {"name": "k", "role": "viewer"}, token=tenant.token)).json["key"]
    statuses = [(await app.call("GET", "incidents", token=token)).status for token in (key, tenant.token, key)]
    assert statuses == [200, 429, 429]


async def test_a_tenants_owner_lowers_its_limit_for_all_its_people_at_once(limited: Limited, tenant: Tenant) -> None:
    app = limited()
    key = (await app.call("POST", "api-keys", {"name": "k", "role": "viewer"}, token=tenant.token)).json["key"]
    await app.call("GET", "tenant", token=key)  # so that the rules are remembered as they were
    changed = await app.call("PATCH", "tenant", {"rate_limit_per_minute": 60}, token=tenant.token)
    assert (changed.status, changed.json["rate_limit_per_minute"]) == (200, 60)
    allowed = 0
    for token in itertools.islice(itertools.cycle((key, tenant.token)), 500):
        if (await app.call("GET", "tenant", token=token)).status == 429:
            break
        allowed += 1
    assert 60 <= allowed < 500  # one more for each second that this takes


async def test_a_tenants_own_limit_is_never_above_the_deployments(limited: Limited, tenant: Tenant) -> None:
    await limited().call("PATCH", "tenant", {"rate_limit_per_minute": 1_000}, token=tenant.token)
    statuses = [answer.status for answer in await calls(limited(tenant_rate_limit=2), tenant, 3)]
    assert statuses == [200, 200, 429]


async def test_a_tenants_own_limit_is_set_taken_away_and_audited(app: App, tenant: Tenant) -> None:
    for number, wanted in enumerate((60, None), start=1):
        body, seen = {"rate_limit_per_minute": wanted}, {"if-match": f'"{number}"'}
        changed = await app.call("PATCH", "tenant", body, token=tenant.token, headers=seen)
        assert (changed.status, changed.json["rate_limit_per_minute"]) == (200, wanted)
        assert (await app.call("GET", "tenant", token=tenant.token)).json["rate_limit_per_minute"] == wanted
    untouched = await app.call("PATCH", "tenant", {"name": "Other"}, token=tenant.token)
    assert untouched.json["rate_limit_per_minute"] is None
    items = (await app.call("GET", "audit/changes?action=tenant.updated", token=tenant.token)).json["items"]
    told = [one["changes"]["rate_limit_per_minute"] for one in items if "rate_limit_per_minute" in one["changes"]]
    assert told == [{"before": 60, "after": None}, {"before": None, "after": 60}]


@pytest.mark.parametrize("limit", [59, 0, 1_000_001, 60.5])
async def test_a_limit_that_would_lock_a_tenant_out_or_is_none_is_refused(
    app: App, tenant: Tenant, limit: object
) -> None:
    answer = await app.call("PATCH", "tenant", {"rate_limit_per_minute": limit}, token=tenant.token)
    assert (answer.status, [one["field"] for one in answer.json["errors"]]) == (422, ["rate_limit_per_minute"])


async def test_nobody_is_limited_by_address(limited: Limited) -> None:
    app = limited(rate_limit=2)
    mine, other = {"x-forwarded-for": "6.6.6.6, 203.0.113.7"}, {"x-forwarded-for": "203.0.113.8"}
    statuses = [(await app.call("GET", "health/live", headers=mine)).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await app.call("GET", "health/live", headers=other)).status == 200


async def test_a_sender_of_alerts_is_never_told_429(limited: Limited, tenant: Tenant) -> None:
    app = limited(rate_limit=1, tenant_rate_limit=1, ingest_ceiling=5)
    answers = [
        await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=tenant.ingest_token)
        for _ in range(6)
    ]
    assert [answer.status for answer in answers] == [202] * 5 + [503]
    assert answers[-1].json["type"] == "/problems/overloaded"
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_while_redis_is_away_the_limit_holds_in_each_process(limited: Limited, app: App, tenant: Tenant) -> None:
    url = SecretStr(f"redis://127.0.0.1:{free_port()}/0")
    away = Cache(app.runtime.settings.model_copy(update={"redis_url": url}))
    answers = await calls(limited(cache=away, rate_limit=2), tenant, 3)
    assert [answer.status for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7:50123", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", ""),
    ],
)
def test_the_address_is_the_one_that_the_platform_saw(forwarded: str, address: str) -> None:
    assert client_address({"x-forwarded-for": forwarded}) == address


async def guess(app: App, address: str, *, method: str = "GET", path: str = "incidents") -> int:
    headers = {"x-forwarded-for": address}
    return (await app.call(method, path, token=f"sre_key_{uuid4().hex}_guess", headers=headers)).status


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Runtime]:
    """What asked the database for a key is in the list."""
    found: list[Runtime] = []
    system_read = Runtime.system_read

    def noted(runtime: Runtime) -> Any:
        found.append(runtime)
        return system_read(runtime)

    monkeypatch.setattr(Runtime, "system_read", noted)
    return found


async def test_guessing_credentials_is_limited_before_the_database_is_asked(
    limited: Limited, read: list[Runtime]
) -> None:
    app = limited(rate_limit=3)
    assert [await guess(app, "203.0.113.77") for _ in range(6)] == [401, 401, 401, 429, 429, 429]
    assert len(read) == 3
    assert await guess(app, "203.0.113.78") == 401


async def test_one_subscriber_s_addresses_are_limited_as_one(limited: Limited, read: list[Runtime]) -> None:
    app = limited(rate_limit=3)
    statuses = [await guess(app, f"2001:db8:0:7::{host:x}") for host in range(1, 6)]
    assert statuses == [401, 401, 401, 429, 429]
    assert len(read) == 3


async def test_keys_that_hold_are_no_guesses(limited: Limited, tenant: Tenant) -> None:
    app = limited(rate_limit=10)
    keys = [
        (await app.call("POST", "api-keys", {"name": "k", "role": "viewer"}, token=tenant.token)).json["key"]
        for _ in range(2)
    ]
    headers = {"x-forwarded-for": "203.0.113.79"}
    for key in keys:
        statuses = [(await app.call("GET", "incidents", token=key, headers=headers)).status for _ in range(10)]
        assert statuses == [200] * 10


async def test_guessing_at_a_webhook_is_limited_too_and_never_told_429(limited: Limited, read: list[Runtime]) -> None:
    app = limited(rate_limit=3)
    path = "webhooks/alertmanager"
    statuses = [await guess(app, "203.0.113.80", method="POST", path=path) for _ in range(5)]
    assert statuses == [401, 401, 401, 503, 503]
    assert len(read) == 3
