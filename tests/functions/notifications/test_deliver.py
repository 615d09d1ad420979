"""What happens to incidents is told to the channels that want it, each of it once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fixtures import App, StoppedClock, Tenant, opened, sign_in_again
from tests.functions.notifications.receiver import Receiver, listening


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as found:
        yield found


async def make(app: App, tenant: Tenant, receiver: Receiver, **given: Any) -> str:
    body = {"name": "ops", "config": {"kind": "webhook", "url": receiver.url}, **given}
    answer = await app.call("POST", "notification-channels", body, token=tenant.token)
    assert answer.status == 201, answer.content
    return str(answer.json["id"])


async def log_of(app: App, tenant: Tenant, channel: str, query: str = "") -> list[dict[str, Any]]:
    tenant = await sign_in_again(app, tenant)
    answer = await app.call("GET", f"notification-channels/{channel}/deliveries{query}", token=tenant.token)
    assert answer.status == 200, answer.content
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def told(receiver: Receiver) -> list[str]:
    return [one.json["type"] for one in receiver.received]


async def test_an_incident_and_its_hypotheses_are_told(app: App, tenant: Tenant, receiver: Receiver) -> None:
    channel = await make(app, tenant, receiver)
    incident = await opened(app, tenant)
    await app.carry()
    assert told(receiver) == ["incident.created", "hypothesis.generated"]
    said = receiver.received[0].json["data"]
    assert (said["incident"]["id"], said["incident"]["reference"]) == (incident["id"], "INC-1")
    assert receiver.received[1].json["data"]["hypotheses"][0]["claim"]
    log = await log_of(app, tenant, channel)
    assert [(one["event_type"], one["status"], one["attempts"], one["response_code"]) for one in log] == [
        ("hypothesis.generated", "sent", 1, 204),
        ("incident.created", "sent", 1, 204),
    ]


async def test_every_message_delivered_twice_tells_once(app: App, tenant: Tenant, receiver: Receiver) -> None:
    await make(app, tenant, receiver)
    await opened(app, tenant)
    while await app.runtime.relay.sweep():
        for queue, function in (("hypotheses", "propose_hypotheses"), ("notifications", "deliver")):
            for text in await app.mailbox.take(queue):
                await app.hand(function, text)
                await app.hand(function, text)
    assert sorted(told(receiver)) == ["hypothesis.generated", "incident.created"]


async def test_a_receiver_that_fails_is_tried_again_with_the_same_message(
    app: App, tenant: Tenant, receiver: Receiver, clock: StoppedClock
) -> None:
    channel = await make(app, tenant, receiver, events=["incident.created"])
    receiver.answers = [(500, {}), (503, {})]
    await opened(app, tenant)
    await app.carry()
    [failed] = await log_of(app, tenant, channel)
    assert (failed["status"], failed["attempts"], failed["response_code"]) == ("failed", 1, 500)
    await app.tick("retry_deliveries")
    assert len(receiver.received) == 1
    for _ in range(2):
        clock.advance(minutes=2)
        await app.tick("retry_deliveries")
    [sent] = await log_of(app, tenant, channel)
    assert (sent["status"], sent["attempts"], sent["error"], sent["due_at"]) == ("sent", 3, "", None)
    assert len({one.body for one in receiver.received}) == 1
    assert {one.headers["webhook-id"] for one in receiver.received} == {sent["id"]}
