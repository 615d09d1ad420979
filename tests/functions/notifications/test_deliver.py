"""What happens to incidents is told to the channels that want it, each of it once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from shared.hypotheses.events import BudgetReached
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.notifications.sending import send_due
from shared.platform.outbound import Outbound
from shared.platform.runtime import Runtime
from tests.fixtures import App, StoppedClock, Tenant, opened, register
from tests.functions.notifications.channels import log_of, make
from tests.functions.notifications.receiver import Receiver, listening
from tests.mailbox import letterbox, mailing


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as found:
        yield found


@asynccontextmanager
async def another(runtime: Runtime) -> AsyncIterator[App]:
    """The functions once more, with another part."""
    built = App(runtime)
    try:
        yield built
    finally:
        await built.mailbox.close()


def told(receiver: Receiver) -> list[str]:
    return [one.json["type"] for one in receiver.received]


async def test_an_incident_and_its_hypotheses_are_told(app: App, tenant: Tenant, receiver: Receiver) -> None:
    channel = await make(app, tenant, receiver)
    incident = await opened(app, tenant)
    await app.carry()
    assert told(receiver) == ["incident.created", "hypothesis.generated"]
    said = receiver.received[0].json["data"]
    assert (said["incident"]["id"], said["incident"]["reference"]) == (incident["id"], "INC-1")
    assert said["incident"]["url"] == f"http://127.0.0.1:5173/incidents/{incident['id']}"
    assert receiver.received[1].json["data"]["hypotheses"][0]["claim"]
    log = await log_of(app, tenant, channel)
    assert [(one["event_type"], one["status"], one["attempts"], one["response_code"]) for one in log] == [
        ("hypothesis.generated", "sent", 1, 204),
        ("incident.created", "sent", 1, 204),
    ]


async def test_a_channel_hears_nothing_below_its_severity(app: App, tenant: Tenant, receiver: Receiver) -> None:
    await make(app, tenant, receiver, events=["incident.created"], min_severity="high")
    for severity in ("medium", "high"):
        await app.call("POST", "incidents", {"title": severity, "severity": severity}, token=tenant.token)
    await app.carry()
    assert [one.json["data"]["incident"]["reference"] for one in receiver.received] == ["INC-2"]


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


@pytest.mark.parametrize("status", [400, 403, 404, 422])
async def test_what_cannot_heal_is_given_up_at_once(
    app: App, tenant: Tenant, receiver: Receiver, clock: StoppedClock, status: int
) -> None:
    channel = await make(app, tenant, receiver, events=["incident.created"])
    receiver.answers = [(status, {})]
    await opened(app, tenant)
    await app.carry()
    clock.advance(hours=1)
    await app.tick("retry_deliveries")
    [given_up] = await log_of(app, tenant, channel)
    assert (given_up["status"], given_up["error"]) == ("gave_up", f"answered with status {status}")
    assert len(receiver.received) == 1


async def test_a_receiver_that_is_gone_switches_its_channel_off(app: App, tenant: Tenant, receiver: Receiver) -> None:
    channel = await make(app, tenant, receiver)
    receiver.answers = [(410, {})]
    await opened(app, tenant)
    await app.carry()
    assert told(receiver) == ["incident.created"]
    shown = (await app.call("GET", f"notification-channels/{channel}", token=tenant.token)).json
    assert (shown["enabled"], shown["version"]) == (False, 2)


async def test_a_channel_that_was_given_another_receiver_meanwhile_stays_on(
    app: App, tenant: Tenant, receiver: Receiver
) -> None:
    channel = await make(app, tenant, receiver)
    receiver.answers, receiver.at_last = [None], 410
    await opened(app, tenant)
    carrying = asyncio.create_task(app.carry())
    await asyncio.wait_for(receiver.asked.wait(), 30)
    path = f"notification-channels/{channel}"
    another = {"config": {"kind": "webhook", "url": f"{receiver.url}/another"}}
    await app.call("PATCH", path, another, token=tenant.token)
    receiver.released.set()
    await carrying
    shown = (await app.call("GET", path, token=tenant.token)).json
    assert (shown["enabled"], shown["version"]) == (True, 2)


async def test_a_receiver_is_left_alone_as_long_as_it_asks(
    app: App, tenant: Tenant, receiver: Receiver, clock: StoppedClock
) -> None:
    channel = await make(app, tenant, receiver, events=["incident.created"])
    receiver.answers = [(429, {"Retry-After": "1800"})]
    await opened(app, tenant)
    await app.carry()
    clock.advance(minutes=29)
    await app.tick("retry_deliveries")
    assert len(receiver.received) == 1
    clock.advance(minutes=1)
    await app.tick("retry_deliveries")
    assert [one["status"] for one in await log_of(app, tenant, channel)] == ["sent"]


async def test_a_receiver_that_hangs_is_given_up_on_for_now(app: App, tenant: Tenant, receiver: Receiver) -> None:
    hurried = replace(app.runtime, outbound=Outbound(app.runtime.settings, deadline=0.3))
    channel = await make(app, tenant, receiver, events=["incident.created"])
    receiver.answers = [None]
    await opened(app, tenant)
    async with another(hurried) as built, asyncio.timeout(10):
        await built.carry()
    [failed] = await log_of(app, tenant, channel)
    assert (failed["status"], failed["error"]) == ("failed", "did not answer within 0.3 seconds")


async def test_after_six_hours_it_is_given_up_for_all_to_see(
    app: App, tenant: Tenant, receiver: Receiver, clock: StoppedClock
) -> None:
    channel = await make(app, tenant, receiver, events=["incident.created"])
    receiver.answers = [(500, {})] * 50
    await opened(app, tenant)
    await app.carry()
    for _ in range(7):
        clock.advance(hours=1, minutes=1)
        await app.tick("retry_deliveries")
    [given_up] = await log_of(app, tenant, channel)
    assert (given_up["status"], given_up["response_code"], given_up["due_at"]) == ("gave_up", 500, None)
    tries = len(receiver.received)
    clock.advance(hours=1)
    await app.tick("retry_deliveries")
    assert len(receiver.received) == tries == given_up["attempts"]


async def test_one_delivery_is_not_tried_twice_at_once(
    app: App, tenant: Tenant, receiver: Receiver, runtime: Runtime, clock: StoppedClock
) -> None:
    await make(app, tenant, receiver, events=["incident.created"])
    receiver.answers = [(500, {})]
    await opened(app, tenant)
    await app.carry()
    clock.advance(minutes=5)
    await asyncio.gather(*(send_due(runtime) for _ in range(4)))
    assert len(receiver.received) == 2


async def test_a_channel_that_was_switched_off_meanwhile_is_told_nothing(
    app: App, tenant: Tenant, receiver: Receiver, clock: StoppedClock
) -> None:
    channel = await make(app, tenant, receiver, events=["incident.created"])
    receiver.answers = [(500, {})]
    await opened(app, tenant)
    await app.carry()
    await app.call("PATCH", f"notification-channels/{channel}", {"enabled": False}, token=tenant.token)
    clock.advance(minutes=5)
    await app.tick("retry_deliveries")
    [ended] = await log_of(app, tenant, channel)
    assert (ended["status"], ended["error"]) == ("gave_up", "the channel was switched off")
    assert len(receiver.received) == 1


async def test_a_channel_of_another_project_or_another_mind_hears_nothing(
    app: App, tenant: Tenant, receiver: Receiver
) -> None:
    await make(app, await register(app), receiver)
    await make(app, tenant, receiver, events=["postmortem.published"])
    await make(app, tenant, receiver, enabled=False)
    await opened(app, tenant)
    await app.carry()
    assert receiver.received == []


async def test_a_whole_life_is_told_step_by_step(app: App, tenant: Tenant, receiver: Receiver) -> None:
    await make(app, tenant, receiver)
    incident = await opened(app, tenant)
    path = f"incidents/{incident['id']}"
    await app.carry()
    await app.call("POST", f"{path}/transitions", {"to": "resolved", "note": "fixed"}, token=tenant.token)
    await app.call("PUT", f"{path}/postmortem", {"body": "It was us."}, token=tenant.token)
    await app.call("POST", f"{path}/postmortem/publish", token=tenant.token)
    await app.carry()
    assert told(receiver)[:2] == ["incident.created", "hypothesis.generated"]
    assert sorted(told(receiver)[2:]) == ["incident.updated", "postmortem.published"]


async def test_an_e_mail_goes_once_and_says_where_to_look(app: App, tenant: Tenant) -> None:
    async with letterbox() as box, another(mailing(app.runtime, box)) as sending:
        to = "on-call@example.com"
        body = {"name": "mail", "config": {"kind": "email", "to": to}, "events": ["incident.created"]}
        channel = (await app.call("POST", "notification-channels", body, token=tenant.token)).json["id"]
        incident = await opened(app, tenant)
        await sending.carry()
        [letter] = box.to(to)
        assert letter.message["Subject"].strip() == f"[SRE Copilot] New critical incident: INC-1 {incident['title']}"
        assert f"/incidents/{incident['id']}" in letter.message.get_content()
        [sent] = await log_of(app, tenant, channel)
        assert (sent["status"], sent["response_code"]) == ("sent", None)
        assert sent["id"] in letter.message["Message-ID"]


@pytest.mark.parametrize(
    ("answer", "status", "error"), [("451 later", "failed", "answered 451"), ("550 no", "gave_up", "answered 550")]
)
async def test_a_mail_server_s_refusal_is_passing_or_for_good(
    app: App, tenant: Tenant, answer: str, status: str, error: str
) -> None:
    async with letterbox() as box, another(mailing(app.runtime, box)) as sending:
        box.answer_to_recipient = answer
        body = {"name": "mail", "config": {"kind": "email", "to": "a@example.com"}, "events": ["incident.created"]}
        channel = (await app.call("POST", "notification-channels", body, token=tenant.token)).json["id"]
        await opened(app, tenant)
        await sending.carry()
        [found] = await log_of(app, tenant, channel)
        assert (found["status"], found["error"]) == (status, error)


async def test_config_that_cannot_be_opened_is_said_and_not_tried_again(
    app: App, tenant: Tenant, receiver: Receiver, owner: psycopg.AsyncConnection
) -> None:
    channel = await make(app, tenant, receiver, events=["incident.created"])
    other = await make(app, tenant, receiver, events=["postmortem.published"])
    await owner.execute(
        "update notification_channels c set config = o.config from notification_channels o"
        " where o.id = %s and c.id = %s",
        (other, channel),
    )
    await opened(app, tenant)
    await app.carry()
    [found] = await log_of(app, tenant, channel)
    assert (found["status"], found["error"]) == ("gave_up", "the stored config cannot be read; give it again")
    assert receiver.received == []


async def test_the_budget_is_told_in_every_project_that_wants_it_and_names_no_dollars(
    app: App, tenant: Tenant, receiver: Receiver
) -> None:
    await make(app, tenant, receiver, events=["ai_budget.reached"], min_severity="critical")
    other = (await app.call("POST", "projects", {"name": "another"}, token=tenant.token)).json
    moved = await app.call("POST", "auth/switch-project", {"project_id": other["id"]}, token=tenant.token)
    await make(app, replace(tenant, token=moved.json["access_token"]), receiver, events=["ai_budget.reached"])
    await make(app, await register(app), receiver, events=["ai_budget.reached"])
    await make(app, tenant, receiver, name="of incidents", events=["incident.created"])
    async with app.runtime.transaction(system_actor(TenantId(UUID(tenant.tenant_id)))) as tx:
        data = {"percent": 80, "month": "2026-11", "limit_usd": "20", "spent_usd": "16.2"}
        tx.record(BudgetReached(project_id=ProjectId(UUID(tenant.project_id)), subject_id=tx.ids.new(), data=data))
    await app.carry()
    assert told(receiver) == ["ai_budget.reached"] * 2
    said = receiver.received[0].json["data"]
    assert (said["incident"], said["budget"]) == (None, {"month": "2026-11", "percent": 80})
    assert "16.2" not in receiver.received[0].body.decode()
