"""The relay carries what was recorded to where the table says: at least once, and each number once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.subscriptions import ROUTES, SUBSCRIPTIONS
from scripts.proof.mailbox import Mailbox
from shared.access.schemas import SignedInOut
from shared.incidents.events import AlertFired, AlertResolved, IncidentCreated, IncidentRefired, IncidentUpdated
from shared.kernel.values import TenantId, system_actor
from shared.platform import relay
from shared.platform.inbox import finish
from shared.platform.queues import Queue, QueueAway, Queues
from shared.platform.realtime import Channel, Realtime
from shared.platform.relay import RESEND_SECONDS, Pace, Relay, rest
from shared.platform.runtime import Runtime
from tests.fixtures import sign_up
from tests.shared.platform.offline import offline
from tests.shared.platform.recording import Log, addresses, forget_what_is_due, listening, record


@pytest.fixture
def log(owner: psycopg.AsyncConnection, account: SignedInOut) -> Log:
    return Log(owner, account.tenant_id)


@pytest.fixture
async def mailbox(runtime: Runtime) -> AsyncIterator[Mailbox]:
    """The queues, empty."""
    built = Mailbox(runtime.settings)
    for queue in Queue:
        await built.take(queue.value)
    yield built
    await built.close()


@pytest.fixture
async def nothing_due(owner: psycopg.AsyncConnection) -> None:
    """Other tests' events would be counted too."""
    await forget_what_is_due(owner)


def subscribed(place: Queue | Channel) -> set[str]:
    """Return the types of event that go to one place: to this one, for a queue and a channel have the same name."""
    return {event.type for event, places in SUBSCRIPTIONS.items() if any(each is place for each in places)}


def relay_with(runtime: Runtime, *, queues: Queues | None = None, realtime: Realtime | None = None) -> Relay:
    return Relay(runtime.database, queues or runtime.queues, realtime or runtime.realtime, runtime.responses, ROUTES)


async def test_every_event_goes_exactly_where_the_table_says(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log
) -> None:
    async with listening(runtime, account) as live:
        await record(runtime, account, *SUBSCRIPTIONS)
        await runtime.relay.sweep()
        heard = await live.heard()
    types = {row["id"]: row["type"] for row in await log.rows()}
    queued = {
        queue: {types[one] for one in chain(*await addresses(mailbox, queue.value, account.tenant_id))}
        for queue in Queue
    }
    published = {
        channel: {event["type"] for to, message in heard if to is channel for event in message.get("events", [message])}
        for channel in Channel
    }
    assert queued == {queue: subscribed(queue) for queue in Queue}
    assert published == {channel: subscribed(channel) for channel in Channel}


async def test_a_live_message_says_what_happened_where_and_when(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    async with listening(runtime, account) as live:
        await record(runtime, account, IncidentCreated, data={"title": "It is slow"})
        await runtime.relay.sweep()
        heard = await live.heard()
    (row,) = await log.rows(IncidentCreated)
    message = {
        "type": "incident.created",
        "tenant_id": str(account.tenant_id),
        "project_id": str(account.project_id),
        "data": {"title": "It is slow"},
        "timestamp": row["at"].isoformat(),
        "id": str(row["id"]),
        "seq": 1,
    }
    assert heard == [(Channel.INCIDENTS, message)]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from([AlertFired, IncidentUpdated, IncidentRefired]), min_size=1), max_size=4))
async def test_live_events_are_numbered_from_one_without_a_gap_in_the_order_of_recording(
    runtime: Runtime, owner: psycopg.AsyncConnection, transactions: list[list[type[AlertFired]]]
) -> None:
    account = await sign_up(runtime)
    for types in transactions:
        await record(runtime, account, *types)
        await runtime.relay.sweep()
    log = Log(owner, account.tenant_id)
    numbers = [row["seq"] for row in await log.rows(AlertFired, IncidentUpdated)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {row["seq"] for row in await log.rows(IncidentRefired)} <= {None}


async def test_an_event_keeps_its_number_when_it_is_carried_again(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    await record(runtime, account, IncidentCreated, IncidentCreated)
    await runtime.relay.sweep()
    await log.pass_time()
    await record(runtime, account, IncidentCreated)
    await runtime.relay.sweep()
    assert [row["seq"] for row in await log.rows(IncidentCreated)] == [1, 2, 3]


async def test_projects_count_by_themselves(runtime: Runtime, owner: psycopg.AsyncConnection) -> None:
    accounts = [await sign_up(runtime) for _ in range(2)]
    for account in accounts * 2:
        await record(runtime, account, AlertFired)
    await runtime.relay.sweep()
    for account in accounts:
        rows = await Log(owner, account.tenant_id).rows(AlertFired)
        assert [row["seq"] for row in rows] == [1, 2]


async def test_many_events_travel_in_one_message_and_slow_work_in_one_each(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log
) -> None:
    await record(runtime, account, *[IncidentRefired] * 130, *[IncidentCreated] * 3)
    await runtime.relay.sweep()
    refired = [row["id"] for row in await log.rows(IncidentRefired)]
    created = [row["id"] for row in await log.rows(IncidentCreated)]
    transitions = await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id)
    assert sorted(transitions, key=len, reverse=True) == [refired[:100], [*refired[100:], *created]]
    assert sorted(await addresses(mailbox, Queue.HYPOTHESES, account.tenant_id)) == [[one] for one in created]


async def test_live_events_of_one_moment_travel_in_one_message(runtime: Runtime, account: SignedInOut) -> None:
    async with listening(runtime, account) as live:
        await record(runtime, account, *[AlertFired] * 7)
        await runtime.relay.sweep()
        ((channel, message),) = await live.heard()
    assert (channel, message["type"]) == (Channel.ALERTS, "batch")
    assert [event["seq"] for event in message["events"]] == [1, 2, 3, 4, 5, 6, 7]


async def test_more_than_one_claim_holds_is_carried_by_one_sweep(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    await record(runtime, account, *[AlertFired] * 501)
    await runtime.relay.sweep()
    assert [row["due_at"] for row in await log.rows(AlertFired)] == [None] * 501


async def test_the_trace_goes_on_in_the_message(runtime: Runtime, account: SignedInOut, mailbox: Mailbox) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    await record(runtime, account, IncidentRefired, trace=trace)
    await runtime.relay.sweep()
    assert any(trace in text for text in await mailbox.take(Queue.TRANSITIONS))


async def test_events_that_live_clients_missed_are_published_by_a_later_sweep(
    runtime: Runtime, account: SignedInOut, log: Log
) -> None:
    async with listening(runtime, account) as live:
        await record(runtime, account, AlertFired)
        away = Realtime(offline())
        await relay_with(runtime, realtime=away).sweep()
        await away.close()
        (row,) = await log.rows(AlertFired)
        assert (row["published_at"], row["seq"]) == (None, 1)
        assert row["due_at"] is not None
        await log.pass_time()
        await runtime.relay.sweep()
        assert [message["seq"] for _, message in await live.heard()] == [1]
    (row,) = await log.rows(AlertFired)
    assert row["published_at"] is not None
    assert row["due_at"] is None


async def test_messages_that_the_queue_missed_are_sent_by_a_later_sweep(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log
) -> None:
    await record(runtime, account, IncidentRefired)
    away = Queues(offline().storage_access)
    for _ in range(3):
        await log.pass_time()
        await relay_with(runtime, queues=away).sweep()
    await away.close()
    assert await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id) == []
    (row,) = await log.rows(IncidentRefired)
    assert (row["claims"], row["sent_at"]) == (1, None)
    assert row["due_in"] <= timedelta(seconds=RESEND_SECONDS)
    await log.pass_time()
    await runtime.relay.sweep()
    assert await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id) == [[row["id"]]]


class Slow(Queues):
    """Queues that take their time, and count who is with them."""

    def __init__(self, runtime: Runtime, *, answers: bool = True) -> None:
        super().__init__(runtime.settings.storage_access)
        self._answers = answers
        self._at_once = self.tried = self.most_at_once = 0

    async def send(self, queue: str, text: str, *, delay: int = 0) -> None:  # noqa: ARG002 - what Queues are given
        self.tried += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0.01)
        self._at_once -= 1
        if not self._answers:
            raise QueueAway


@pytest.mark.usefixtures("nothing_due")
async def test_a_queue_is_not_flooded(runtime: Runtime, account: SignedInOut, log: Log) -> None:
    await record(runtime, account, *[IncidentCreated] * 50)
    slow = Slow(runtime)
    await relay_with(runtime, queues=slow).sweep()
    assert slow.tried == 50 + 50 + 1  # each by itself to hypotheses and notifications, all together to transitions
    assert slow.most_at_once <= 16
    assert {row["claims"] for row in await log.rows(IncidentCreated)} == {1}
    await slow.close()


@pytest.mark.usefixtures("nothing_due")
async def test_a_queue_that_does_not_answer_is_left_alone_until_a_later_sweep(
    runtime: Runtime, account: SignedInOut, caplog: pytest.LogCaptureFixture
) -> None:
    await record(runtime, account, *[IncidentCreated] * 50)
    slow = Slow(runtime, answers=False)
    await relay_with(runtime, queues=slow).sweep()
    assert slow.tried <= 2 * 16 + 1
    assert [one.getMessage() for one in caplog.records if "sweep" in one.getMessage()] == [
        "50 events wait for a later sweep: The queue is unavailable. Try again later."
    ]
    await slow.close()


async def test_what_one_of_its_queues_missed_is_sent_again_ever_more_rarely(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Queues.send

    async def send(self: Queues, queue: str, text: str, *, delay: int = 0) -> None:
        if queue == Queue.NOTIFICATIONS:
            raise QueueAway
        await whole(self, queue, text, delay=delay)

    with monkeypatch.context() as patched:
        patched.setattr(Queues, "send", send)
        await record(runtime, account, IncidentCreated)
        await runtime.relay.sweep()
        await log.pass_time()
        await runtime.relay.sweep()
    (row,) = await log.rows(IncidentCreated)
    assert (row["claims"], row["sent_at"]) == (2, None)
    assert row["due_in"] > timedelta(seconds=2 * RESEND_SECONDS - 10)
    await log.pass_time()
    await runtime.relay.sweep()
    assert await addresses(mailbox, Queue.NOTIFICATIONS, account.tenant_id) == [[row["id"]]]


async def test_one_destination_that_is_away_holds_up_no_other(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log
) -> None:
    await record(runtime, account, IncidentCreated, AlertFired)
    away = Queues(offline().storage_access)
    async with listening(runtime, account) as live:
        await relay_with(runtime, queues=away).sweep()
        assert {channel for channel, _ in await live.heard()} == {Channel.INCIDENTS, Channel.ALERTS}
        await log.pass_time()
        await runtime.relay.sweep()
        # Told to clients again rather than never: they know it by its number.
        assert [message["seq"] for _, message in await live.heard()] == [1]
    await away.close()


async def test_unfinished_work_is_sent_again_after_half_a_minute(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log
) -> None:
    await record(runtime, account, IncidentCreated)
    await runtime.relay.sweep()
    (row,) = await log.rows(IncidentCreated)
    assert timedelta(seconds=RESEND_SECONDS - 10) < row["due_in"] <= timedelta(seconds=RESEND_SECONDS)
    assert await addresses(mailbox, Queue.HYPOTHESES, account.tenant_id) == [[row["id"]]]
    await runtime.relay.sweep()
    assert await addresses(mailbox, Queue.HYPOTHESES, account.tenant_id) == []
    await log.pass_time()
    await runtime.relay.sweep()
    assert await addresses(mailbox, Queue.HYPOTHESES, account.tenant_id) == [[row["id"]]]


async def test_work_whose_message_still_waits_for_its_turn_is_not_sent_again(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "RESEND_SECONDS", 0)
    await record(runtime, account, IncidentRefired)
    for _ in range(3):
        await runtime.relay.sweep()
    ((event,),) = await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id)
    await runtime.relay.sweep()  # now its message is gone, as it is while somebody works on it, or died
    assert await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id) == [[event]]


async def test_work_that_waits_for_its_turn_is_looked_at_again_soon_and_was_sent_when_it_was(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log
) -> None:
    await record(runtime, account, IncidentRefired)
    await runtime.relay.sweep()
    (sent,) = await log.rows(IncidentRefired)
    for _ in range(5):
        await log.pass_time()
        await runtime.relay.sweep()
    (row,) = await log.rows(IncidentRefired)
    assert (row["claims"], row["sent_at"]) == (1, sent["sent_at"])
    assert timedelta(seconds=RESEND_SECONDS - 10) < row["due_in"] <= timedelta(seconds=RESEND_SECONDS)
    assert await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id) == [[row["id"]]]


async def test_work_that_is_finished_while_it_is_looked_at_does_not_become_due_again(
    runtime: Runtime, account: SignedInOut, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(runtime, account, IncidentRefired)
    await runtime.relay.sweep()
    (row,) = await log.rows(IncidentRefired)

    async def finished_meanwhile(queue: str) -> datetime:
        async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
            await finish(tx, queue, row["id"])
        sent_at: datetime = row["sent_at"]
        return sent_at - timedelta(minutes=1)

    monkeypatch.setattr(Queues, "first_since", lambda _, queue: finished_meanwhile(queue))
    await log.pass_time()
    await runtime.relay.sweep()
    (row,) = await log.rows(IncidentRefired)
    assert (row["awaiting"], row["due_at"]) == ([], None)


async def test_work_is_sent_again_some_day_however_long_the_queue(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, owner: psycopg.AsyncConnection, log: Log
) -> None:
    await record(runtime, account, IncidentRefired)
    await runtime.relay.sweep()
    await owner.execute(
        "update event_log set sent_at = now() - interval '16 minutes' where tenant_id = %s", (account.tenant_id,)
    )
    await log.pass_time()
    await runtime.relay.sweep()
    assert len(await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id)) == 2


async def test_work_that_is_sent_again_is_not_published_again(runtime: Runtime, account: SignedInOut, log: Log) -> None:
    async with listening(runtime, account) as live:
        await record(runtime, account, IncidentCreated)
        await runtime.relay.sweep()
        await log.pass_time()
        await runtime.relay.sweep()
        assert [message["seq"] for _, message in await live.heard()] == [1]


async def test_finished_work_is_not_sent_again(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log
) -> None:
    await record(runtime, account, AlertResolved)
    await runtime.relay.sweep()
    (row,) = await log.rows(AlertResolved)
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        await finish(tx, Queue.TRANSITIONS, row["id"])
    (row,) = await log.rows(AlertResolved)
    assert (row["awaiting"], row["due_at"]) == ([], None)
    await mailbox.take(Queue.TRANSITIONS)
    await log.pass_time()
    await runtime.relay.sweep()
    assert await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id) == []


async def test_relays_at_once_send_everything_and_nothing_twice(
    runtime: Runtime, mailbox: Mailbox, owner: psycopg.AsyncConnection
) -> None:
    accounts = [await sign_up(runtime) for _ in range(4)]
    for account in accounts * 3:
        await record(runtime, account, *[IncidentCreated] * 5, IncidentRefired)
    others = [Runtime.start(runtime.settings, ROUTES) for _ in range(2)]
    await asyncio.gather(*(each.relay.sweep() for each in (*others, *others, runtime)))
    for other in others:
        await other.close()
    messages = await mailbox.take(Queue.HYPOTHESES)
    assert len(messages) == len(set(messages)) == 60
    for account in accounts:
        rows = await Log(owner, account.tenant_id).rows(IncidentCreated)
        assert sorted(row["seq"] for row in rows) == list(range(1, 16))
        assert {row["claims"] for row in rows} == {1}


async def test_a_nudge_carries_what_was_committed_without_a_sweep(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox
) -> None:
    relay = relay_with(runtime)
    await record(replace(runtime, relay=relay), account, IncidentRefired)
    await relay.close()
    assert len(await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id)) == 1


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 2)), max_size=60), st.integers(1, 8))
def test_the_pace_allows_a_burst_and_then_the_rate(steps: list[tuple[str, float]], rate: int) -> None:
    pace, now = Pace(rate), 0.0
    starts: dict[str, list[float]] = {"a": [], "b": []}
    for key, wait in steps:
        now += wait
        starts[key].append(now + pace.delay(key, now))
    for times in starts.values():
        assert times == sorted(times)
        # In any second no more than twice the rate: a burst that was saved up, and what the rate allows meanwhile.
        assert all(later - earlier > 1 - 1e-6 for earlier, later in zip(times, times[2 * rate :], strict=False))
        # In the long run, the rate.
        assert all(
            (later - earlier) * rate >= count - rate - 1e-6
            for at, earlier in enumerate(times)
            for count, later in enumerate(times[at:])
        )


def test_a_first_step_waits_for_nothing() -> None:
    assert Pace(5).delay(UUID(int=1), 100.0) == 0.0


@pytest.mark.parametrize(("took", "rests"), [(0.0, 0.05), (0.025, 0.05), (0.04, 0.08), (0.25, 0.5), (5.0, 0.5)])
def test_the_relay_rests_twice_as_long_as_it_worked_within_limits(took: float, rests: float) -> None:
    assert rest(took) == pytest.approx(rests)


@pytest.mark.usefixtures("nothing_due")
async def test_each_channel_of_a_project_has_a_pace_of_its_own(
    runtime: Runtime, account: SignedInOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    paced: list[object] = []

    def note(_pace: Pace, key: object, _now: float) -> float:
        paced.append(key)
        return 0.0

    monkeypatch.setattr(Pace, "delay", note)
    await record(runtime, account, IncidentCreated, AlertFired)
    await relay_with(runtime).sweep()
    assert sorted(paced, key=str) == [(account.project_id, Channel.ALERTS), (account.project_id, Channel.INCIDENTS)]


async def test_work_that_nobody_finishes_is_sent_ever_more_rarely(
    runtime: Runtime, account: SignedInOut, mailbox: Mailbox, log: Log
) -> None:
    await record(runtime, account, IncidentRefired)
    pauses = []
    for _ in range(7):
        await runtime.relay.sweep()
        (row,) = await log.rows(IncidentRefired)
        assert await addresses(mailbox, Queue.TRANSITIONS, account.tenant_id) == [[row["id"]]]
        pauses.append(row["due_in"].total_seconds())
        await log.pass_time()
    assert pauses == [pytest.approx(expected, abs=10) for expected in (30, 60, 120, 240, 480, 600, 600)]
