"""Queue consumers as data, and their one adapter."""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import azure.functions as func
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.kernel.errors import DomainError, Unavailable
from shared.kernel.events import Recorded
from shared.kernel.values import Actor, ActorKind, ProjectId, TenantId, system_actor
from shared.platform.alarms import Alarm, Danger
from shared.platform.counting import timed
from shared.platform.dead_letters import bury
from shared.platform.inbox import AlreadyDone, finish, is_done
from shared.platform.queues import Queue, poison_of
from shared.platform.runtime import Runtime, Tx
from shared.platform.tables import EventRow
from shared.platform.telemetry import Kind, Work, current, trace_id_of, working

log = logging.getLogger(__name__)

CONNECTION: Final = "AzureWebJobsStorage"
GAVE_UP: Final = "It failed five times; the log has the errors."


class Address(BaseModel):
    """What a message says: where the events are. The relay writes it."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    tenant: UUID
    events: list[UUID]
    trace: str = ""


class Owner(BaseModel):
    """Whose a message is that carries its content."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    tenant_id: UUID
    project_id: UUID
    trace: str = ""


@dataclass(slots=True, kw_only=True)
class Job:
    """One event for one consumer. `transaction(once=True)` takes effect once, however often the event is delivered."""

    runtime: Runtime
    consumer: str
    event: Recorded
    trace: str
    is_finished: bool = field(default=False, init=False)

    @asynccontextmanager
    async def transaction(self, *, once: bool = False) -> AsyncIterator[Tx]:
        """Open a transaction of the event's tenant. With `once`, raises `AlreadyDone` when nothing is left to do."""
        async with self.runtime.transaction(system_actor(self.event.tenant_id), trace=self.trace) as tx:
            if once:
                await finish(tx, self.consumer, self.event.id)
            yield tx
        self.is_finished = self.is_finished or once


type Consume = Callable[[Job], Awaitable[None]]
type ConsumeText = Callable[[Runtime, str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A declared consumer: of events by their address, or of messages that carry their content."""

    name: str
    queue: Queue
    consume: Consume | None = None
    consume_text: ConsumeText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTrigger:
    """What Azure has to know of a consumer. `load` returns all that its file declares."""

    name: str
    load: Callable[[], Consumer]
    queue: Queue


def consumer(queue: Queue) -> Callable[[Consume], Consumer]:
    """Declare a handler of events that a queue holds the addresses of."""
    return lambda handler: Consumer(name=handler.__name__, queue=queue, consume=handler)


def content_consumer(queue: Queue) -> Callable[[ConsumeText], Consumer]:
    """Declare a handler of messages that carry their content. It must bear repetition by itself."""
    return lambda handler: Consumer(name=handler.__name__, queue=queue, consume_text=handler)


def mount_consumer(blueprint: func.Blueprint, trigger: QueueTrigger, runtime: Runtime) -> None:
    """Give Azure the consumer, and a twin on the poison queue that keeps what failed five times."""

    async def run(msg: func.QueueMessage) -> None:
        text, spec = msg.get_body().decode(), trigger.load()
        with timed(runtime.metrics, spec.name):
            if spec.consume_text is not None:
                await _consume_text(spec.consume_text, spec, runtime, text)
            else:
                await _consume_events(spec, runtime, Address.model_validate_json(text))

    async def bury_poison(msg: func.QueueMessage) -> None:
        if await _bury_message(trigger.load(), runtime, msg.get_body().decode(errors="replace"), GAVE_UP):
            runtime.alarms.sound(Alarm(danger=Danger.WORK_GIVEN_UP, subject=trigger.queue))

    for name, queue, function in (
        (trigger.name, trigger.queue.value, run),
        (f"bury_{trigger.queue.value}", poison_of(trigger.queue), bury_poison),
    ):
        function.__name__ = name
        blueprint.queue_trigger(arg_name="msg", queue_name=queue, connection=CONNECTION)(function)


async def _consume_text(consume: ConsumeText, spec: Consumer, runtime: Runtime, text: str) -> None:
    whose = _owner(text)
    told = {"messaging.system": "azure_storage_queue", "messaging.destination.name": spec.queue.value}
    with working(f"process {spec.queue}", Kind.CONSUMER, parent=whose.trace if whose else "", attributes=told) as work:
        work.tenant_id = str(whose.tenant_id) if whose else ""
        try:
            await consume(runtime, text)
        except Unavailable:
            raise
        except DomainError as refusal:
            await _bury_message(spec, runtime, text, refusal.title)


def _owner(text: str) -> Owner | None:
    """Return whose a message is, or None where it does not say so."""
    try:
        return Owner.model_validate_json(text)
    except ValidationError:
        return None


async def _consume_events(spec: Consumer, runtime: Runtime, address: Address) -> None:
    """Handle each event by itself. What failed is raised at the end, so that the host delivers the message again."""
    failures: list[Exception] = []
    for event_id in address.events:
        with _noting(spec, event_id, failures):
            row = await _unfinished(spec, runtime, TenantId(address.tenant), event_id)
            if row is not None:
                with _working(spec, address, row) as work, _noting(spec, event_id, failures):
                    job = Job(
                        runtime=runtime, consumer=spec.queue.value, event=_recorded(row), trace=work.span.traceparent
                    )
                    await _consume_event(spec, job)
    if failures:
        raise ExceptionGroup(f"{spec.name} failed", failures)


@contextmanager
def _noting(spec: Consumer, event_id: UUID, failures: list[Exception]) -> Iterator[None]:
    """Log what goes wrong with an event, and go on with the next."""
    try:
        yield
    except Unavailable as error:
        # The message is let go: a try is not for waiting, and the relay sends what is not finished again.
        log.warning("%s waits: %s", spec.name, error.title)
    except Exception as error:
        log.exception("%s failed on event %s", spec.name, event_id)
        current().span.fail(type(error).__name__)
        failures.append(error)


@contextmanager
def _working(spec: Consumer, address: Address, row: EventRow) -> Iterator[Work]:
    """Work on an event in the trace that it came from. A message of many events has only one of their traces."""
    is_same = trace_id_of(address.trace) == trace_id_of(row.trace)
    told = {
        "messaging.system": "azure_storage_queue",
        "messaging.destination.name": spec.queue.value,
        "messaging.message.id": str(row.id),
        "srecopilot.tenant_id": str(row.tenant_id),
    }
    with working(
        f"process {spec.queue}",
        Kind.CONSUMER,
        parent=address.trace if is_same else row.trace,
        links=() if is_same else [address.trace],
        attributes=told,
    ) as work:
        work.tenant_id = str(row.tenant_id)
        yield work


async def _unfinished(spec: Consumer, runtime: Runtime, tenant_id: TenantId, event_id: UUID) -> EventRow | None:
    async with runtime.transaction(system_actor(tenant_id)) as tx:
        row = await tx.session.scalar(tx.select(EventRow).where(EventRow.id == event_id))
        return None if row is None or await is_done(tx, spec.queue.value, event_id) else row


async def _consume_event(spec: Consumer, job: Job) -> None:
    if spec.consume is None:
        raise TypeError(f"{spec.name} consumes no events")
    try:
        await spec.consume(job)
        if not job.is_finished:
            async with job.transaction(once=True):
                pass
    except AlreadyDone:
        return
    except Unavailable:
        raise
    except DomainError as refusal:
        await _give_up(job, f"{refusal.title} {refusal.detail}".strip())


async def _give_up(job: Job, reason: str) -> None:
    """Keep an event that can never be handled, and stop sending it."""
    event = job.event
    try:
        async with job.transaction(once=True) as tx:
            content = json.dumps({"event": str(event.id), "type": event.type, "data": dict(event.data)})
            await bury(tx, project_id=event.project_id, source=job.consumer, reason=reason, content=content)
    except AlreadyDone:
        return


async def _bury_message(spec: Consumer, runtime: Runtime, text: str, reason: str) -> bool:
    """Keep a message that cannot be handled; says whether it could be read."""
    try:
        whose = (Address if spec.consume_text is None else Owner).model_validate_json(text)
    except ValidationError:
        # Nobody's, so nobody can be shown it; and what a poison queue's function raises comes back for ever.
        log.warning("%s lets go of a message that cannot be read: %.200r", spec.name, text)
        runtime.alarms.sound(Alarm(danger=Danger.MESSAGE_LOST, subject=spec.queue))
        return False
    if isinstance(whose, Address):
        await _bury_events(spec, runtime, whose, reason)
        return True
    async with runtime.transaction(system_actor(TenantId(whose.tenant_id))) as tx:
        await bury(tx, project_id=whose.project_id, source=spec.queue.value, reason=reason, content=text)
    return True


async def _bury_events(spec: Consumer, runtime: Runtime, address: Address, reason: str) -> None:
    for event_id in address.events:
        async with runtime.transaction(system_actor(TenantId(address.tenant))) as tx:
            row = await tx.session.scalar(tx.select(EventRow).where(EventRow.id == event_id))
        if row is not None:
            job = Job(runtime=runtime, consumer=spec.queue.value, event=_recorded(row), trace=address.trace)
            await _give_up(job, reason)


def _recorded(row: EventRow) -> Recorded:
    return Recorded(
        id=row.id,
        type=row.type,
        tenant_id=TenantId(row.tenant_id),
        project_id=ProjectId(row.project_id),
        subject_id=row.subject_id,
        incident_id=row.incident_id,
        at=row.at,
        actor=Actor(kind=ActorKind(row.actor_kind), id=row.actor_id, name=row.actor_name),
        data=row.data,
        changes=row.changes,
        note=row.note,
        seq=row.seq,
    )
