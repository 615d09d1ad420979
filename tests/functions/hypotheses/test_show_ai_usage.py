"""What the language model was used for: how fast it was, and whose use it is."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.hypotheses import budget
from shared.kernel.values import TenantId, system_actor
from tests.fixtures import App, StoppedClock, Tenant, opened
from tests.functions.access.people import invited

PATH = "analytics/ai"


async def asked(
    app: App, owner: psycopg.AsyncConnection, tenant: Tenant, questions: list[tuple[int, str, int, str]]
) -> None:
    """Write questions down, each with how many days ago that was, model, milliseconds, and outcome."""
    incident = await opened(app, tenant)
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        budget_id = (await budget.current(tx, Decimal(20))).id
    for days, model, latency, outcome in questions:
        await owner.execute(
            "insert into ai_requests (tenant_id, id, project_id, incident_id, budget_id, created_at, model,"
            " prompt_version, price_version, reserved_usd, latency_ms, outcome)"
            " values (%s, gen_random_uuid(), %s, %s, %s, %s, %s, '', '', 0, %s, %s)",
            (
                *(tenant.tenant_id, tenant.project_id, incident["id"], budget_id),
                *(app.runtime.clock.now() - timedelta(days=days), model, latency, outcome),
            ),
        )


async def test_latency_is_told_by_day_and_by_model_and_of_calls_alone(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, clock: StoppedClock
) -> None:
    quick = [(0, "quick", latency, "answered") for latency in (100, 200, 300)]
    slow = [(1, "slow", latency, "answered") for latency in (1_000, 3_000)]
    nobody = [(1, "slow", 0, "reused"), (2, "slow", 0, "over_budget")]
    await asked(app, owner, tenant, quick + slow + nobody)
    used = (await app.call("GET", PATH, token=tenant.token)).json
    assert (used["latency_p50_ms"], used["latency_p95_ms"]) == pytest.approx((300, 2_600))
    by_day = [(one["latency_p50_ms"], one["latency_p95_ms"]) for one in used["by_day"]]
    assert by_day[0] == (None, None)
    assert by_day[1:] == [pytest.approx((2_000, 2_900)), pytest.approx((200, 290))]
    by_model = {one["model"]: (one["latency_p50_ms"], one["latency_p95_ms"]) for one in used["by_model"]}
    assert by_model == {"quick": pytest.approx((200, 290)), "slow": pytest.approx((2_000, 2_900))}


async def test_whoever_is_in_several_projects_sees_the_use_of_each(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await asked(app, owner, tenant, [(0, "quick", 100, "answered")])
    other = (await app.call("POST", "projects", {"name": "another"}, token=tenant.token)).json["id"]
    key = (await app.call("POST", "api-keys", {"name": "a program", "role": "owner"}, token=tenant.token)).json["key"]
    colleague = await invited(app, tenant, "engineer")

    async def calls(project: str, token: str) -> int:
        answer = await app.call("GET", f"{PATH}?project_id={project}", token=token)
        assert answer.status == 200, answer.content
        return int(answer.json["calls"])

    assert [await calls(one, tenant.token) for one in (tenant.project_id, other)] == [1, 0]
    assert [await calls(tenant.project_id, one) for one in (key, colleague.token)] == [1, 1]
    for path in (PATH, f"{PATH}/export"):
        for token in (key, colleague.token):
            answers = [await app.call("GET", f"{path}?project_id={one}", token=token) for one in (other, uuid4(), "me")]
            assert {(one.status, one.json["title"]) for one in answers} == {(404, "Project not found.")}
