"""A rotated token holds for as long as whoever rotated it said: in the database, on the queue and by the cache."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.integrations import commands
from shared.integrations.schemas import MAX_GRACE
from shared.integrations.values import token_holds
from tests.fixtures import App, StoppedClock, Tenant, payload

NOW = datetime(2026, 11, 20, tzinfo=UTC)


async def post(app: App, token: str) -> int:
    return (await app.call("POST", "webhooks/alertmanager", payload("alertmanager-firing"), token=token)).status


async def rotate(app: App, tenant: Tenant, body: Any = None) -> Any:
    return await app.call("POST", f"integrations/{tenant.integration_id}/rotate", body, token=tenant.token)


async def is_refused_by_cache(app: App, tenant: Tenant, version: int) -> bool:
    return await commands.is_refused_by_cache(app.runtime, UUID(tenant.integration_id), version)


async def test_the_old_token_holds_until_its_grace_is_over(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    rotated = (await rotate(app, tenant, {"grace_seconds": 600})).json
    assert datetime.fromisoformat(rotated["previous_token_until"]) == clock.now() + timedelta(seconds=600)
    clock.advance(seconds=599)
    assert [await post(app, token) for token in (tenant.ingest_token, rotated["token"])] == [202, 202]
    clock.advance(seconds=1)
    assert [await post(app, token) for token in (tenant.ingest_token, rotated["token"])] == [401, 202]


async def test_without_a_grace_the_old_token_ends_at_once(app: App, tenant: Tenant) -> None:
    rotated = (await rotate(app, tenant)).json
    assert rotated["previous_token_until"] is None
    assert [await post(app, token) for token in (tenant.ingest_token, rotated["token"])] == [401, 202]


async def test_only_the_last_token_before_has_a_grace(app: App, tenant: Tenant) -> None:
    second = (await rotate(app, tenant, {"grace_seconds": 600})).json["token"]
    third = (await rotate(app, tenant, {"grace_seconds": 600})).json["token"]
    assert [await post(app, token) for token in (tenant.ingest_token, second, third)] == [401, 202, 202]
    fourth = (await rotate(app, tenant)).json["token"]
    assert [await post(app, token) for token in (second, third, fourth)] == [401, 401, 202]


async def test_revoking_ends_a_grace(app: App, tenant: Tenant) -> None:
    rotated = (await rotate(app, tenant, {"grace_seconds": 600})).json["token"]
    await app.call("DELETE", f"integrations/{tenant.integration_id}", token=tenant.token)
    assert [await post(app, token) for token in (tenant.ingest_token, rotated)] == [401, 401]
    assert await is_refused_by_cache(app, tenant, 1)


async def test_the_cache_knows_the_grace_too(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await rotate(app, tenant, {"grace_seconds": 600})
    assert [await is_refused_by_cache(app, tenant, version) for version in (0, 1, 2)] == [True, False, False]
    clock.advance(seconds=600)
    assert [await is_refused_by_cache(app, tenant, version) for version in (0, 1, 2)] == [True, True, False]


@pytest.mark.parametrize("grace", [-1, MAX_GRACE + 1, 1.5, "soon", None])
async def test_a_grace_is_at_most_a_week(app: App, tenant: Tenant, grace: Any) -> None:
    assert (await rotate(app, tenant, {"grace_seconds": grace})).status == 422
    assert (await rotate(app, tenant, {"grace_seconds": MAX_GRACE})).status == 200


@given(st.integers(1, 50), st.integers(1, 50), st.none() | st.timedeltas(-timedelta(days=8), timedelta(days=8)))
def test_of_all_versions_at_most_two_hold(version: int, current: int, left: timedelta | None) -> None:
    until = NOW + left if left is not None else None
    holds = token_holds(version, current=current, previous_until=until, now=NOW)
    in_grace = left is not None and left > timedelta(0)
    assert holds == (version == current or (in_grace and version == current - 1))
