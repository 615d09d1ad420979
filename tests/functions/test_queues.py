"""However often a message is delivered, it takes effect once; what cannot be handled is kept for people to see."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import azure.functions as func
import psycopg
import pytest

from functions.queues import GAVE_UP, Consume, Consumer, ConsumeText, Job, QueueTrigger, mount_consumer
from scripts.proof.mailbox import Mailbox
from shared.access.schemas import SignedInOut
from shared.incidents.events import IncidentRefired, IncidentUpdated
from shared.kernel.errors import Conflict, Unavailable
from shared.kernel.events import Event
from shared.kernel.values import ProjectId
from shared.platform.queues import Queue
from shared.platform.relay import address
from shared.platform.runtime import Runtime
from tests.fixtures import sign_up
from tests.shared.platform.recording import Log, addresses, record

type Deliver = Callable[[str], Awaitable[None]]


class Closed(Conflict):
    title = "It is closed."


@pytest.fixture
def log(owner: psycopg.AsyncConnection, account: SignedInOut) -> Log:
    return Log(owner, account.tenant_id)


@pytest.fixture
async def mailbox(runtime: Runtime) -> AsyncIterator[Mailbox]:
    built = Mailbox(runtime.settings)
    await built.take(Queue.TRANSITIONS)
    yield built
    await built.close()


def mounted(
    runtime: Runtime, *, consume: Consume | None = None, consume_text: ConsumeText | None = None
) -> tuple[Deliver, Deliver]:
    """Return a consumer of `transitions` and its twin on the poison queue, as the worker would call them."""
    spec = Consumer(name="a_consumer", queue=Queue.TRANSITIONS, consume=consume, consume_text=consume_text)
    blueprint, app = func.Blueprint(), func.FunctionApp()  # type: ignore[no-untyped-call]  # the library is not typed here
    trigger = QueueTrigger(name=spec.name, load=lambda: spec, queue=spec.queue)
    mount_consumer(blueprint, trigger, runtime)
    app.register_functions(blueprint)
    functions = {one.get_function_name(): one.get_user_function() for one in app.get_functions()}

    def delivering(name: str) -> Deliver:
        return lambda text: functions[name](func.QueueMessage(body=text.encode()))

    return delivering("a_consumer"), delivering("bury_transitions")


async def recorded(runtime: Runtime, account: SignedInOut, log: Log, count: int = 1) -> str:
    """Record events and return the message that tells where they are."""
    await record(runtime, account, *[IncidentRefired] * count, data={"because": "a test"})
    await runtime.relay.sweep()
    return address(account.tenant_id, await log.rows(IncidentRefired), "")  # type: ignore[arg-type]  # rows by name


async def letters(log: Log) -> list[tuple[str, str, str]]:
    found = await log.owner.execute(
        "select source, reason, content from dead_letters where tenant_id = %s", (log.tenant_id,)
    )
    return await found.fetchall()


async def waiting(log: Log) -> list[list[str]]:
    """Say for each event who has not finished it."""
    return [row["awaiting"] for row in await log.rows(IncidentRefired)]


def effect(event: Job) -> Event:
    return IncidentUpdated(project_id=ProjectId(event.event.project_id), subject_id=event.event.subject_id)


async def act_once(job: Job) -> None:
    async with job.transaction(once=True) as tx:
        tx.record(effect(job))


async def look_only(job: Job) -> None:
    async with job.transaction() as tx:
        assert tx.tenant_id == job.event.tenant_id


async def refuse(job: Job) -> None:
    async with job.transaction(once=True) as tx:
        tx.record(effect(job))
        raise Closed("It has been closed for a year.")


async def wait(_job: Job) -> None:
    raise Unavailable


async def stumble(_job: Job) -> None:
    raise LookupError("a bug")


async def test_a_message_delivered_twice_takes_effect_once(runtime: Runtime, account: SignedInOut, log: Log) -> None:
    deliver, _ = mounted(runtime, consume=act_once)
    message = await recorded(runtime, account, log, count=3)
    await deliver(message)
    await deliver(message)
    assert len(await log.rows(IncidentUpdated)) == 3
    assert await waiting(log) == [[], [], []]


async def test_a_message_delivered_twice_at_the_same_time_takes_effect_once(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    deliver, _ = mounted(runtime, consume=act_once)
    message = await recorded(runtime, account, log)
    await asyncio.gather(*(deliver(message) for _ in range(4)))
    assert len(await log.rows(IncidentUpdated)) == 1


async def test_a_consumer_that_only_looked_has_finished_too(runtime: Runtime, account: SignedInOut, log: Log) -> None:
    deliver, _ = mounted(runtime, consume=look_only)
    await deliver(await recorded(runtime, account, log))
    assert await waiting(log) == [[]]


async def test_a_consumer_is_given_the_event_as_it_was_recorded(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    seen: list[Job] = []

    async def see(job: Job) -> None:
        seen.append(job)

    deliver, _ = mounted(runtime, consume=see)
    await deliver(await recorded(runtime, account, log))
    (row,) = await log.rows(IncidentRefired)
    event = seen[0].event
    assert (event.id, event.type, event.subject_id, event.at) == (row["id"], row["type"], row["subject_id"], row["at"])
    assert (event.tenant_id, event.project_id, event.data) == (
        account.tenant_id,
        account.project_id,
        {"because": "a test"},
    )


async def test_a_refusal_becomes_one_dead_letter_and_the_message_is_gone(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    deliver, _ = mounted(runtime, consume=refuse)
    message = await recorded(runtime, account, log)
    await deliver(message)
    await deliver(message)
    ((source, reason, content),) = await letters(log)
    assert (source, reason) == ("transitions", "It is closed. It has been closed for a year.")
    assert '"because": "a test"' in content
    assert await waiting(log) == [[]]
    assert await log.rows(IncidentUpdated) == []


async def test_while_a_part_is_away_the_message_is_let_go_and_sent_again_later(
    runtime: Runtime, account: SignedInOut, log: Log, mailbox: Mailbox
) -> None:
    deliver, _ = mounted(runtime, consume=wait)
    await deliver(await recorded(runtime, account, log))
    assert await letters(log) == []
    assert await waiting(log) == [["transitions"]]
    await mailbox.take(Queue.TRANSITIONS)
    await log.pass_time()
    await runtime.relay.sweep()
    assert len(await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id)) == 1


async def test_a_bug_is_raised_so_that_the_host_delivers_again_and_holds_up_no_other_event(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    message = await recorded(runtime, account, log, count=3)
    bad = (await log.rows(IncidentRefired))[1]["id"]

    async def stumble_once(job: Job) -> None:
        await (stumble if job.event.id == bad else act_once)(job)

    deliver, _ = mounted(runtime, consume=stumble_once)
    with pytest.RaisesGroup(pytest.RaisesExc(LookupError, match="a bug")):
        await deliver(message)
    assert await waiting(log) == [[], ["transitions"], []]
    assert len(await log.rows(IncidentUpdated)) == 2


async def test_what_failed_five_times_is_kept_and_not_sent_again(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    _, bury = mounted(runtime, consume=stumble)
    message = await recorded(runtime, account, log, count=2)
    await bury(message)
    await bury(message)
    assert [(source, reason) for source, reason, _ in await letters(log)] == [("transitions", GAVE_UP)] * 2
    assert await waiting(log) == [[], []]


async def test_an_event_that_was_finished_is_not_buried(runtime: Runtime, account: SignedInOut, log: Log) -> None:
    deliver, bury = mounted(runtime, consume=act_once)
    message = await recorded(runtime, account, log)
    await deliver(message)
    await bury(message)
    assert await letters(log) == []


async def test_another_tenant_s_event_is_nobody_s(runtime: Runtime, account: SignedInOut, log: Log) -> None:
    await recorded(runtime, account, log)
    other = await sign_up(runtime)
    stolen = address(other.tenant_id, await log.rows(IncidentRefired), "")  # type: ignore[arg-type]  # rows by name
    deliver, bury = mounted(runtime, consume=act_once)
    await deliver(stolen)
    await bury(stolen)
    assert await log.rows(IncidentUpdated) == []
    assert await letters(log) == []
    assert await waiting(log) == [["transitions"]]


@pytest.mark.parametrize("message", ["", "no JSON", "[]", "{}", '{"tenant": "nobody", "events": []}'])
async def test_a_message_that_cannot_be_read_is_raised_and_let_go_from_the_poison_queue(
    runtime: Runtime, caplog: pytest.LogCaptureFixture, message: str
) -> None:
    deliver, bury = mounted(runtime, consume=act_once)
    with pytest.raises(ValueError, match="Address"):
        await deliver(message)
    with caplog.at_level(logging.WARNING):
        await bury(message)
    assert "cannot be read" in caplog.text


async def test_content_that_failed_five_times_is_kept_for_its_project(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    async def never(_runtime: Runtime, _text: str) -> None:
        raise LookupError

    _, bury = mounted(runtime, consume_text=never)
    text = f'{{"tenant_id": "{account.tenant_id}", "project_id": "{account.project_id}", "alerts": [1]}}'
    await bury(text)
    await bury(text)
    assert await letters(log) == [("transitions", GAVE_UP, text)]


@pytest.mark.parametrize(
    "message", ["", "no JSON", '{"tenant_id": 1}', '{"tenant_id": "01a2003b-b320-7149-b53c-6a0ff7d4daab"}']
)
async def test_content_that_says_not_whose_it_is_is_let_go(
    runtime: Runtime, caplog: pytest.LogCaptureFixture, message: str
) -> None:
    async def never(_runtime: Runtime, _text: str) -> None:
        raise LookupError

    _, bury = mounted(runtime, consume_text=never)
    with caplog.at_level(logging.WARNING):
        await bury(message)
    assert "cannot be read" in caplog.text
