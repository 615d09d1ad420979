"""What goes badly wrong in a deployment becomes an incident in its operator's own project."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from shared.platform.alarms import FAILURES, Alarm, Alarms, Danger
from shared.platform.database import Database
from shared.platform.queues import Queues
from shared.platform.runtime import Runtime
from tests.fixtures import App, StoppedClock, Tenant, register
from tests.shared.platform.offline import offline

ALERT = {"name": "PoolExhausted", "service": "checkout"}


@dataclass(frozen=True)
class Operated:
    """A deployment with an operator, whose project is as any other's. `away` has some of its parts nowhere."""

    app: App
    operator: Tenant
    runtime: Runtime

    def away(self, **parts: Any) -> App:
        return App(replace(self.runtime, **parts))

    async def incidents(self) -> list[dict[str, Any]]:
        """The operator's incidents."""
        found: list[dict[str, Any]] = (await self.app.call("GET", "incidents", token=self.operator.token)).json["items"]
        return found

    async def told(self) -> list[dict[str, Any]]:
        """The operator's incidents, as soon as there is one."""
        async with asyncio.timeout(90):
            while not (found := await self.incidents()):
                await asyncio.sleep(0.1)
                await self.app.deliver()  # a database that is slow for a moment sends alerts by the queue
        return found


@pytest.fixture
async def operated(app: App, clock: StoppedClock) -> AsyncIterator[Operated]:
    operator = await register(app)
    settings = app.runtime.settings.model_copy(update={"operator_ingest_token": SecretStr(operator.ingest_token)})
    runtime = replace(app.runtime, settings=settings, alarms=Alarms(clock))
    built = App(runtime)
    yield Operated(built, operator, runtime)
    await runtime.alarms.close()
    await built.mailbox.close()


async def test_poison_is_one_incident_however_many_messages_there_are(operated: Operated) -> None:
    for _ in range(3):
        await operated.app.hand("bury_transitions", f'{{"tenant": "{uuid4()}", "events": []}}')
    (found,) = await operated.told()
    assert found["title"] == "Work of queue transitions was given up after five tries; the dead letters have it"
    assert (found["severity"], found["service_name"]) == ("critical", "sre-copilot")


async def test_a_message_that_cannot_be_read_is_an_incident_that_does_not_quote_it(operated: Operated) -> None:
    await operated.app.hand("bury_alerts", "a secret of somebody")
    (found,) = await operated.told()
    assert found["title"] == "A message of queue alerts cannot be read, and is lost"
    assert "secret" not in str(found)


async def test_refused_alerts_are_an_incident_as_soon_as_a_store_answers(operated: Operated, tenant: Tenant) -> None:
    nowhere = Queues(offline().storage_access)
    gone = operated.away(database=Database(offline()), queues=nowhere)
    answer = await gone.call("POST", "webhooks/alerts", ALERT, token=tenant.ingest_token)
    assert answer.status == 503
    assert await operated.incidents() == []
    App(operated.runtime)  # the stores are back
    (found,) = await operated.told()
    await nowhere.close()
    assert "Alerts sent to POST /api/webhooks/alerts are refused" in found["title"]


async def test_a_route_that_keeps_failing_is_an_incident_and_one_failure_is_none(
    operated: Operated, tenant: Tenant
) -> None:
    gone = operated.away(database=Database(offline()))
    App(operated.runtime)  # whose database is there: the last one that was made is told
    for _ in range(FAILURES - 1):
        assert (await gone.call("GET", f"incidents/{uuid4()}", token=tenant.token)).status == 503
    assert await operated.incidents() == []
    await gone.call("GET", f"incidents/{uuid4()}", token=tenant.token)
    (found,) = await operated.told()
    assert found["title"] == "GET /api/incidents/{incident_id} keeps failing"


async def test_what_callers_do_wrong_is_no_alarm(operated: Operated, tenant: Tenant) -> None:
    for _ in range(2 * FAILURES):
        assert (await operated.app.call("GET", f"incidents/{uuid4()}", token=tenant.token)).status == 404
        assert (await operated.app.call("POST", "webhooks/alerts", b"{", token=tenant.ingest_token)).status == 400
    await operated.runtime.alarms.close()
    assert await operated.incidents() == []


async def test_an_operator_s_token_that_holds_no_more_harms_nobody(
    operated: Operated, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await operated.app.call("DELETE", f"integrations/{operated.operator.integration_id}", token=operated.operator.token)
    operated.runtime.alarms.sound(Alarm(danger=Danger.WORK_GIVEN_UP, subject="alerts"))
    answer = await operated.app.call("POST", "webhooks/alerts", ALERT, token=tenant.ingest_token)
    await operated.runtime.alarms.close()
    assert answer.status == 202
    assert await operated.incidents() == []
