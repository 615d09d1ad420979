"""A history lived through by the product, in a project of its own, and what came of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, Self
from uuid import UUID

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from scripts.proof.clock import SetClock
from scripts.proof.functions import Functions
from scripts.proof.histories import ERA, SENDERS, TICK, WINDOW, Deed, Disorder, Era, History, Notice
from shared.access.commands import add_project
from shared.access.schemas import SignedInOut
from shared.alerts.commands import change_policies
from shared.alerts.maintenance import create_window
from shared.alerts.maintenance_schemas import MaintenanceWindowIn, MatcherIn
from shared.alerts.schemas import PoliciesPatch
from shared.alerts.tables import AlertRow
from shared.incidents import commands, merging
from shared.incidents.events import AlertFired, AlertResolved, IncidentCreated
from shared.incidents.lifecycle import OPEN, State
from shared.incidents.tables import IS_OPEN, IncidentRow
from shared.integrations.commands import create_integration, ingest_token
from shared.integrations.schemas import IntegrationIn
from shared.integrations.values import WEBHOOKS, IntegrationKind
from shared.kernel.errors import DomainError
from shared.kernel.values import Actor, ActorKind, IncidentId, ProjectId
from shared.platform.queues import Queue, Queues
from shared.platform.runtime import Runtime, Tx
from shared.platform.settings import Settings
from shared.platform.tables import EventRow

_HANDLERS: Final = {Queue.ALERTS: "ingest_alerts", Queue.TRANSITIONS: "drive_incident"}
_TIMERS: Final = ("queue_due_alerts", "queue_due_incidents")
_COUNTED: Final = (AlertFired.type, AlertResolved.type, IncidentCreated.type)
_OPEN_TWICE: Final = f"""
select grouping_key from incidents where tenant_id = %s and project_id = %s and {IS_OPEN}
group by grouping_key having count(*) > 1"""  # noqa: S608 - made of constants
# How often a message is spilled, comes twice, or waits for others; and how many come again from earlier eras.
_SPILLED: Final = 0.3
_TWICE: Final = 0.3
_TOGETHER: Final = 0.4
_MAX_REPEATED: Final = 3


class Disagreement(Exception):
    """The order of messages made a difference, or two incidents of one problem were open; the message says where."""


class HeldQueues(Queues):
    """Queues whose messages stay here until somebody hands them over, in whatever order."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.storage_access)
        self.messages: list[tuple[Queue, str]] = []

    async def send(self, queue: str, text: str, *, delay: int = 0) -> None:  # noqa: ARG002 - all of them wait
        """Keep a message."""
        self.messages.append((Queue(queue), text))

    async def first_since(self, queue: str) -> datetime | None:  # noqa: ARG002 - none of them is in order
        """Say of no message that it waits for its turn: each may come again."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The product's functions, twice: with a database to store alerts in, and as if it were away.

    `watch` sees the tenant's rows as soon as they are committed.
    """

    functions: Functions
    spilling: Functions
    queues: HeldQueues
    clock: SetClock
    account: SignedInOut
    watch: psycopg.AsyncConnection

    @property
    def runtime(self) -> Runtime:
        return self.functions.runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A project, and what it has come to at the end of each era and after the wait that follows."""

    stage: Stage
    actor: Actor
    project_id: ProjectId
    tokens: Sequence[str]
    beginning: datetime
    told: list[Notice] = field(default_factory=list)
    moments: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    async def begin(cls, stage: Stage, history: History) -> Self:
        """Make a project with the history's policies and senders."""
        stage.clock.at = beginning = datetime.now(UTC)
        account, runtime = stage.account, stage.runtime
        actor = Actor(kind=ActorKind.USER, id=account.user_id, tenant_id=account.tenant_id)  # type: ignore[arg-type]  # an id off the wire
        project_id = ProjectId(runtime.ids.new())
        async with runtime.transaction(actor, privileged=True) as tx:
            await add_project(tx, project_id, "A history", owner_id=account.user_id)
        async with runtime.transaction(actor) as tx:
            await change_policies(tx, project_id, PoliciesPatch.model_validate(history.policies))
            senders = [
                await create_integration(tx, runtime.vault, project_id, IntegrationIn(kind=kind, name=kind))
                for kind in SENDERS
            ]
        tokens = [ingest_token(runtime, one) for one in senders]
        return cls(stage=stage, actor=actor, project_id=project_id, tokens=tokens, beginning=beginning)

    async def through(self, history: History, disorder: Disorder | None) -> None:
        """Live through a history, in order unless there is disorder. Raises `Disagreement`."""
        random = Random(disorder.seed) if disorder else None  # noqa: S311 - chance that can be had again
        for era in history.eras:
            ends = self.stage.clock.at + ERA
            if random and disorder:
                await self._astray(era, random, machine_waits=disorder.machine_waits)
            else:
                for notice in era.notices:
                    await self._post([notice])
            await self._settle(ends, random)
            if era.deed is not Deed.NOTHING:
                await self._do(era.deed)
                await self._settle(ends, random)
            self.stage.clock.at = later = ends + timedelta(minutes=era.minutes)
            for timer in _TIMERS:
                await self.stage.functions.tick(timer)
            await self._settle(later, random)

    async def _astray(self, era: Era, random: Random, *, machine_waits: bool) -> None:
        """Deliver an era's messages in any order, some twice, some by the queue, some together, and some old ones."""
        self.told.extend(era.notices)
        again = random.choices(self.told, k=random.randint(0, _MAX_REPEATED)) if self.told else []
        waiting = [*era.notices, *again]
        random.shuffle(waiting)
        while waiting:
            together = [waiting.pop()]
            alike = [one for one in waiting if _group(one) == _group(together[0])]
            if alike and random.random() < _TOGETHER:
                together.append(alike[0])
                waiting.remove(alike[0])
            await self._post(together, spilled=random.random() < _SPILLED)
            if not machine_waits:
                await self._relay()
            held = self.stage.queues.messages
            early = [one for one in held if not machine_waits or one[0] is Queue.ALERTS]
            while early and random.random() < 1 / 2:
                message = early.pop(random.randrange(len(early)))
                if random.random() > _TWICE:
                    held.remove(message)
                await self._hand(message)

    async def _settle(self, at: datetime, random: Random | None) -> None:
        """Let all that is under way arrive, whatever it sets off too; then it is `at`, and that is how things stand."""
        queues = self.stage.queues
        while queues.messages or await self._relay():
            # Alerts come first: what they set off is under way only then.
            alerts = [one for one in queues.messages if one[0] is Queue.ALERTS]
            arriving = alerts or list(queues.messages)
            queues.messages = [one for one in queues.messages if one not in arriving]
            if random:
                arriving += [one for one in arriving if random.random() < _TWICE]
                random.shuffle(arriving)
            for message in arriving:
                await self._hand(message)
        self.stage.clock.at = at
        self.moments.append(await self._look())

    async def _post(self, notices: Sequence[Notice], *, spilled: bool = False) -> None:
        """Deliver notices of one group in one notification."""
        source = notices[0].source
        body = {
            "version": "4",
            "groupLabels": {"alertname": f"Problem{source.problem}"},
            "alerts": [one.body(self.beginning) for one in notices],
        }
        functions = self.stage.spilling if spilled else self.stage.functions
        webhook = WEBHOOKS[IntegrationKind(SENDERS[source.sender])]
        answer = await functions.call("POST", webhook, body, token=self.tokens[source.sender])
        if (answer.status, answer.json["accepted"]) != (202, len(notices)):
            raise Disagreement(f"the webhook answered {answer.status}: {answer.json}")
        await self._check()

    async def _hand(self, message: tuple[Queue, str]) -> None:
        queue, text = message
        await self.stage.functions.hand(_HANDLERS[queue], text)
        await self._check()

    async def _relay(self) -> int:
        """Relay what is due. Other lives may have left something in this database: that is nobody's now."""
        queues, tenant = self.stage.queues, str(self.stage.account.tenant_id)
        await self.stage.runtime.relay.sweep()
        queues.messages = [one for one in queues.messages if tenant in one[1]]
        return len(queues.messages)

    async def _check(self) -> None:
        """At every moment: no two open incidents of one grouping key."""
        self.stage.clock.at += TICK
        twice = await self.stage.watch.execute(_OPEN_TWICE, (self.actor.tenant_id, self.project_id))
        if keys := await twice.fetchall():
            raise Disagreement(f"more than one open incident of {keys}")

    async def _do(self, deed: Deed) -> None:
        """Do a person's deed, where there is something to do it to. What is refused has to be so in any order."""
        try:
            async with self.stage.runtime.transaction(self.actor) as tx:
                await self._did(tx, deed, await self._rows(tx, IncidentRow, IncidentRow.started_at))
        except DomainError as refusal:
            self.moments.append({"refused": type(refusal).__name__})

    async def _did(self, tx: Tx, deed: Deed, incidents: Sequence[IncidentRow]) -> None:
        is_open = [one.id for one in incidents if State(one.state) in OPEN]
        detected = [IncidentId(one.id) for one in incidents if State(one.state) is State.DETECTED]
        merged = [IncidentId(one.id) for one in incidents if one.merged_into]
        if deed is Deed.MERGE and len(is_open) > 1:
            await merging.merge_incidents(tx, self.project_id, is_open[0], [is_open[1]])
        elif deed is Deed.UNMERGE and merged:
            await merging.unmerge_incident(tx, self.project_id, merged[0], expected=None)
        elif deed is Deed.ACKNOWLEDGE and detected:
            to = State.ACKNOWLEDGED
            await commands.transition(tx, self.project_id, detected[0], to=to, note="", expected=None)
        elif deed is Deed.MAINTAIN:
            matchers = [MatcherIn(label="alertname", value="Problem0")]
            given = MaintenanceWindowIn(
                title="Maintenance", matchers=matchers, starts_at=tx.now, ends_at=tx.now + WINDOW
            )
            await create_window(tx, self.project_id, given)

    async def _rows[Row: (IncidentRow, AlertRow)](
        self, tx: Tx, table: type[Row], began: InstrumentedAttribute[datetime]
    ) -> Sequence[Row]:
        """Return the project's rows in the order in which they began; no two of a history began at one time."""
        found = await tx.session.scalars(tx.select(table).where(table.project_id == self.project_id).order_by(began))
        return found.all()

    async def _look(self) -> dict[str, Any]:
        """Return all that must not depend on any order: no ids, no numbers, no times of arrival."""
        async with self.stage.runtime.transaction(self.actor) as tx:
            incidents = await self._rows(tx, IncidentRow, IncidentRow.started_at)
            alerts = await self._rows(tx, AlertRow, AlertRow.starts_at)
            events = await tx.session.execute(
                select(EventRow.type, EventRow.subject_id)
                .where(EventRow.tenant_id == tx.tenant_id, EventRow.project_id == self.project_id)
                .where(EventRow.type.in_(_COUNTED))
            )
            counted = Counter((type_, subject) for type_, subject in events)
        known = {row.id: self._since(row.started_at) for row in incidents}
        named = known | {row.id: self._since(row.starts_at) for row in alerts}
        return {
            "alerts": [self._alert(row, known) for row in alerts],
            "incidents": [self._incident(row, known) for row in incidents],
            "events": sorted((type_, named[subject], number) for (type_, subject), number in counted.items()),
        }

    def _alert(self, row: AlertRow, known: Mapping[UUID, float | None]) -> dict[str, Any]:
        return {
            **{name: getattr(row, name) for name in _ALERT},
            "starts_at": self._since(row.starts_at),
            "ends_at": self._since(row.ends_at),
            "incident": row.incident_id and known[row.incident_id],
            "merged_from": row.merged_from and known[row.merged_from],
            # What joined an incident may have waited before, or not.
            "held_by": row.held_by if row.incident_id is None else None,
            "waits": row.held_until is not None,
        }

    def _incident(self, row: IncidentRow, known: Mapping[UUID, float | None]) -> dict[str, Any]:
        return {
            **{name: getattr(row, name) for name in _INCIDENT},
            "started_at": self._since(row.started_at),
            "flapping": row.flapping_until is not None,
            "merged_into": row.merged_into and known[row.merged_into],
        }

    def _since(self, at: datetime | None) -> float | None:
        """Return how many seconds after the beginning that was."""
        return (at - self.beginning).total_seconds() if at else None


async def live(stage: Stage, history: History, disorder: Disorder | None) -> list[dict[str, Any]]:
    """Live through a history, in order unless there is disorder; return what it came to at each moment of quiet.

    Raises `Disagreement` when two open incidents have one grouping key.
    """
    life = await Life.begin(stage, history)
    await life.through(history, disorder)
    return life.moments


_ALERT: Final = (
    *("fingerprint", "fired", "resolved", "severity", "title", "service_name", "labels", "annotations"),
    *("content_hash", "grouping", "flapping"),
)
_INCIDENT: Final = ("grouping_key", "lead_fingerprint", "state", "severity", "title", "service_name", "reopens")


def _group(notice: Notice) -> tuple[int, int]:
    return notice.source.sender, notice.source.problem
