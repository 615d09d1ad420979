"""How often somebody may call."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from functions.limits import client_address
from scripts.devstack.ports import free_port
from shared.platform.cache import Cache
from shared.platform.ratelimit import Limits
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


async def test_guessing_credentials_is_limited(limited: Limited) -> None:
    app = limited(rate_limit=3)
    headers = {"x-forwarded-for": "203.0.113.77"}
    statuses = [
        (await app.call("GET", "incidents", token=f"sre_key_{n:032x}_guess", headers=headers)).status for n in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]
