"""Whether an incident is analysed as soon as it opens is the project's to say."""

import psycopg

from tests.fixtures import App, Tenant, opened
from tests.functions.alerts.test_policies import change


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
        "select count(*) from event_log where tenant_id = %s and 'propose_hypotheses' = any(awaiting)",
        (tenant.tenant_id,),
    )
    assert await waiting.fetchone() == (0,)
