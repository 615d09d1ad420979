"""What could not be processed, as people see it."""

from typing import Any
from uuid import UUID

import pytest

from shared.kernel.values import TenantId, system_actor
from shared.platform.dead_letters import bury
from tests.fixtures import App, StoppedClock, Tenant, payload
from tests.functions.access.people import invited
from tests.functions.audit.audited import everything


async def keep(app: App, tenant: Tenant, *reasons: str, content: str = "{}") -> None:
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        for reason in reasons:
            await bury(tx, project_id=UUID(tenant.project_id), source="alerts", reason=reason, content=content)


async def letters(app: App, tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await app.call("GET", "dead-letters", token=tenant.token)).json["items"]
    return found


async def test_a_refused_alert_is_shown_with_its_reason(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    sent = payload("alertmanager-firing")
    sent["alerts"][0]["startsAt"] = "yesterday"
    await app.call("POST", "webhooks/alertmanager", sent, token=tenant.ingest_token)
    (letter,) = await letters(app, tenant)
    assert (letter["at"], letter["source"]) == (clock.now().isoformat().replace("+00:00", "Z"), "alerts")
    assert "startsAt" in letter["reason"]
    assert "yesterday" in letter["excerpt"]


async def test_pages_lead_from_the_newest_to_the_oldest(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    await keep(app, tenant, "one", "two")
    clock.advance(minutes=1)
    await keep(app, tenant, "three")
    found = await everything(app, "dead-letters?limit=1", tenant.token)
    assert [one["reason"] for one in found] == ["three", "two", "one"]


async def test_an_excerpt_is_short_and_holds_no_secret(app: App, tenant: Tenant) -> None:
    await keep(app, tenant, "long", content='{"password": "hunter2", "text": "' + "é" * 10_000)
    (letter,) = await letters(app, tenant)
    assert len(letter["excerpt"]) == 2_000
    assert letter["excerpt"].startswith('{"password": "[masked]"')


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("engineer", 403), ("viewer", 403)])
async def test_whoever_manages_integrations_sees_them(app: App, tenant: Tenant, role: str, status: int) -> None:
    person = await invited(app, tenant, role)
    assert (await app.call("GET", "dead-letters", token=person.token)).status == status


async def test_a_cursor_of_another_list_is_refused(app: App, tenant: Tenant) -> None:
    assert (await app.call("GET", "dead-letters?cursor=nonsense", token=tenant.token)).status == 422
