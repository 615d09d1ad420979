"""Every message delivered twice leaves what it leaves when it is delivered once: rows, queues, and whoever is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from functions import declarations
from functions.queues import Consumer
from shared.kernel.values import TenantId
from shared.platform.call_audit import row_of
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode
from shared.views.schema import METADATA
from tests.fixtures import App, StoppedClock, Tenant, opened, payload, register
from tests.functions.audit.test_store_calls import record, stored
from tests.functions.notifications.channels import make
from tests.functions.notifications.receiver import Receiver, listening
from tests.mailbox import Letterbox, letterbox, mailing

pytestmark = pytest.mark.xdist_group("queues")


@dataclass(frozen=True)
class Place:
    """The functions, a tenant, and everybody whom they could tell something."""

    app: App
    tenant: Tenant
    owner: psycopg.AsyncConnection
    receiver: Receiver
    box: Letterbox
    clock: StoppedClock

    async def left(self) -> Mapping[str, Any]:
        """Return all that is stored of the tenant, and all that was told to others."""
        rows = {name: await self._rows(name) for name, table in METADATA.tables.items() if "tenant_id" in table.columns}
        return {
            **rows,
            "calls": await stored(self.app, TenantId(UUID(self.tenant.tenant_id))),
            "told": [(one.headers["webhook-id"], one.body) for one in self.receiver.received],
            "letters": [letter.message.as_bytes() for letter in self.box.letters],
        }

    async def _rows(self, table: str) -> list[str]:
        query = sql.SQL("select to_jsonb(t)::text from {} t where tenant_id = %s order by 1")
        found = await self.owner.execute(query.format(sql.Identifier(table)), (self.tenant.tenant_id,))
        return [row[0] for row in await found.fetchall()]

    async def carried(self) -> dict[Queue, list[str]]:
        """Relay what is due, and take all of the tenant's that is on the queues."""
        await self.app.runtime.relay.sweep()
        taken = {queue: await self.app.mailbox.take(queue) for queue in Queue}
        own = {queue: [one for one in messages if self.tenant.tenant_id in one] for queue, messages in taken.items()}
        return {queue: messages for queue, messages in own.items() if messages}

    async def send(self, path: str, body: Any, token: str) -> None:
        answer = await self.app.call("POST", path, body, token=token)
        assert answer.status in {200, 201, 202, 204}, answer.content


@pytest.fixture
async def place(runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock) -> AsyncIterator[Place]:
    async with listening() as receiver, letterbox() as box:
        app = App(mailing(runtime, box))
        for queue in Queue:
            await app.mailbox.take(queue)
        yield Place(app, await register(app), owner, receiver, box, clock)
        await app.mailbox.close()


async def queued_webhook(place: Place, path: str, body: Any, token: str) -> None:
    """Post to an instance that queues whatever comes."""
    runtime = place.app.runtime
    queueing = App(replace(runtime, settings=runtime.settings.model_copy(update={"ingest_mode": IngestMode.QUEUE})))
    answer = await queueing.call("POST", path, body, token=token)
    await queueing.mailbox.close()
    assert (answer.status, answer.json["stored"], answer.json["rejected"]) == (202, "queue", 1)


async def spilled_alerts(place: Place) -> None:
    body = payload("alertmanager-grouped-20-prometheus-firing")
    body["alerts"].append({"status": "firing", "labels": {}})
    await queued_webhook(place, "webhooks/alertmanager", body, place.tenant.ingest_token)


async def spilled_changes(place: Place) -> None:
    given = {"kind": "changes", "name": "pipeline"}
    made = await place.app.call("POST", "integrations", given, token=place.tenant.token)
    body = [{"title": "checkout 1.2.3", "kind": "deploy"}, {"title": ""}]
    await queued_webhook(place, "webhooks/changes", body, made.json["token"])


async def new_incident(place: Place) -> None:
    await opened(place.app, place.tenant)


async def whole_life(place: Place) -> None:
    """Alerts that wait for others, that clear and that come back, and incidents that are merged."""
    policies = {"threshold": {"count": 2, "window": 3_600}}
    path = f"projects/{place.tenant.project_id}/policies"
    await place.app.call("PATCH", path, policies, token=place.tenant.token)
    for name in ("alertmanager-grouped-20-prometheus-firing", "alertmanager-grouped-20-prometheus-resolved"):
        await place.send("webhooks/alertmanager", payload(name), place.tenant.ingest_token)
    await place.app.call("PATCH", path, {"threshold": None}, token=place.tenant.token)
    target, source = (
        await opened(place.app, place.tenant),
        (await place.app.call("POST", "incidents", {"title": "By hand"}, token=place.tenant.token)).json,
    )
    await place.send(f"incidents/{target['id']}/merge", {"sources": [source["id"]]}, place.tenant.token)
    await place.send("webhooks/alertmanager", payload("alertmanager-resolved"), place.tenant.ingest_token)


async def something_to_tell(place: Place) -> None:
    await make(place.app, place.tenant, place.receiver)
    await opened(place.app, place.tenant)
    await place.send("auth/password/forgot", {"email": place.tenant.email}, "")


async def calls_not_stored(place: Place) -> None:
    calls = [row_of(record(TenantId(UUID(place.tenant.tenant_id))), place.app.runtime.ids.new()) for _ in range(3)]
    await place.app.runtime.queues.send(Queue.AUDIT, json.dumps(calls))


CASES: Final[Mapping[str, Callable[[Place], Awaitable[None]]]] = {
    "deliver": something_to_tell,
    "drive_incident": whole_life,
    "ingest_alerts": spilled_alerts,
    "ingest_changes": spilled_changes,
    "propose_hypotheses": new_incident,
    "store_calls": calls_not_stored,
}


@pytest.mark.parametrize(
    "consumer", [one for one in declarations() if isinstance(one, Consumer)], ids=lambda consumer: consumer.name
)
async def test_a_message_delivered_twice_leaves_what_it_leaves_once(place: Place, consumer: Consumer) -> None:
    await CASES[consumer.name](place)
    messages = (await place.carried())[consumer.queue]
    before = await place.left()
    for message in messages:
        await place.app.hand(consumer.name, message)
    await place.carried()
    once = await place.left()
    assert once != before
    place.clock.advance(seconds=1)  # what is written again would say so
    for message in [*messages, *reversed(messages)]:
        await place.app.hand(consumer.name, message)
    await asyncio.gather(*(place.app.hand(consumer.name, message) for message in messages))
    assert await place.carried() == {}
    assert await place.left() == once
