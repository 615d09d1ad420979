"""Any history of commands, alerts, machine and time leaves what a plain model has, and a log that says the same."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import settings as tries
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import literal_column

from functions.subscriptions import ROUTES
from scripts.proof.functions import QuietRelay
from shared.alerts.tables import AlertRow
from shared.alerts.values import Severity
from shared.incidents import commands, editing, merging, reactions
from shared.incidents.lifecycle import State
from shared.incidents.schemas import IncidentIn, IncidentPatch
from shared.incidents.tables import IncidentRow
from shared.kernel.errors import DomainError
from shared.kernel.values import Actor, ActorKind, IncidentId, ProjectId, TenantId
from shared.platform.runtime import Runtime, Tx
from shared.platform.settings import Settings
from shared.platform.tables import EventRow, TenantTable
from tests.fixtures import App, StoppedClock, Tenant, register
from tests.shared.incidents.model import Alert, Incident, Model
from tests.shared.incidents.replay import FIELDS, replayed

PROBLEMS = strategies.sampled_from(["Down", "Slow"])
SEVERITIES = strategies.sampled_from(Severity)
WORDS = strategies.sampled_from(["shop", "search"])
WHICH = strategies.integers(0, 7)


def has_incidents(life: "Life") -> bool:
    return bool(life.model.incidents)


class Life(RuleBasedStateMachine):
    """Each rule does something to the product and to the model; what they hold must be the same."""

    def __init__(self, run: Callable[[Coroutine[Any, Any, Any]], Any], app: App, clock: StoppedClock) -> None:
        super().__init__()
        self.run, self.app, self.clock = run, app, clock
        self.model = Model()
        self.tenant: Tenant = run(register(app))
        self.project_id = ProjectId(UUID(self.tenant.project_id))
        self.user_id = UUID(self.tenant.user_id)
        self.actor = Actor(kind=ActorKind.USER, id=self.user_id, tenant_id=TenantId(UUID(self.tenant.tenant_id)))

    def one(self, which: int) -> Incident:
        return self.model.incidents[which % len(self.model.incidents)]

    def within[Result](self, does: Callable[[Tx], Awaitable[Result]]) -> Result:
        """Do something in a transaction."""

        async def transaction() -> Result:
            async with self.app.runtime.transaction(self.actor) as tx:
                return await does(tx)

        found: Result = self.run(transaction())
        return found

    def command(self, does: Callable[[Tx], Awaitable[Any]], expected: type[DomainError] | None) -> None:
        """Run a command, which must end as the model says."""
        ended: type[DomainError] | None = None
        try:
            self.within(does)
        except DomainError as error:
            ended = type(error)
        assert ended is expected

    def post(self, alert: Alert | None, problem: str, starts_at: datetime) -> None:
        """Have a new alert fire, or the given one resolve. Each has a fingerprint of its own, so none flaps."""
        sent = {
            "status": "resolved" if alert else "firing",
            "labels": {"alertname": problem, "severity": "warning", "began": starts_at.isoformat()},
            "startsAt": starts_at.isoformat(),
        }
        if alert and alert.cleared_at:
            sent["endsAt"] = alert.cleared_at.isoformat()
        body = {"version": "4", "groupLabels": {"alertname": problem}, "alerts": [sent]}
        answer = self.run(self.app.call("POST", "webhooks/alertmanager", body, token=self.tenant.ingest_token))
        assert answer.status == 202

    @rule(problem=PROBLEMS)
    def alert_fires(self, problem: str) -> None:
        now = self.clock.now()
        home = self.model.home_of(problem, now)
        self.post(None, problem, now)
        if home is None:
            home = Incident(self.rows()[-1].id, problem, now)
            self.model.incidents.append(home)
        self.model.fire(problem, home, now)

    @precondition(lambda self: any(not one.cleared_at for one in self.model.alerts))
    @rule(which=WHICH)
    def alert_resolves(self, which: int) -> None:
        firing = [one for one in self.model.alerts if not one.cleared_at]
        alert = firing[which % len(firing)]
        alert.cleared_at = self.clock.now()
        self.post(alert, alert.problem, alert.starts_at)

    @rule(minutes=strategies.sampled_from([1, 11, 31]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule()
    def machine_looks(self) -> None:
        for incident in self.model.incidents:
            self.within(partial(reactions.drive, incident_id=incident.id, is_unsettled=True))
            self.model.drive(incident, self.clock.now())

    @rule(severity=SEVERITIES)
    def person_opens(self, severity: Severity) -> None:
        given = IncidentIn(title="By hand", severity=severity)
        row = self.within(lambda tx: editing.open_incident(tx, self.project_id, given))
        opened = Incident(row.id, None, self.clock.now(), severity=severity, is_severity_chosen=True)
        self.model.incidents.append(opened)

    @precondition(has_incidents)
    @rule(which=WHICH, to=strategies.sampled_from(State))
    def person_moves(self, which: int, to: State) -> None:
        incident = self.one(which)
        does = partial(commands.transition, project_id=self.project_id, incident_id=IncidentId(incident.id))
        expected = self.model.move(incident, to, self.clock.now())
        self.command(partial(does, to=to, note="because", expected=None), expected)

    @precondition(has_incidents)
    @rule(which=WHICH, severity=SEVERITIES, is_assigned=strategies.booleans(), word=WORDS)
    def person_edits(self, which: int, severity: Severity, is_assigned: bool, word: str) -> None:
        incident = self.one(which)
        patch = IncidentPatch(
            title=word,
            description=word,
            severity=severity,
            service_name=word,
            labels={"team": word},
            assignee_id=self.user_id if is_assigned else None,
        )
        expected = self.model.edit(incident, severity, is_assigned=is_assigned)
        self.command(partial(self.on(editing.edit, incident), given=patch), expected)

    @precondition(has_incidents)
    @rule(which=WHICH, others=strategies.lists(WHICH, min_size=1, max_size=3))
    def person_merges(self, which: int, others: list[int]) -> None:
        target, sources = self.one(which), sorted({self.one(n).id: self.one(n) for n in others}.items())
        expected = self.model.merge(target, [one for _, one in sources], self.clock.now())
        ids = [incident_id for incident_id, _ in sources]
        self.command(lambda tx: merging.merge_incidents(tx, self.project_id, target.id, ids), expected)

    @precondition(has_incidents)
    @rule(which=WHICH)
    def person_unmerges(self, which: int) -> None:
        incident = self.one(which)
        self.command(self.on(merging.unmerge_incident, incident), self.model.unmerge(incident, self.clock.now()))

    @precondition(has_incidents)
    @rule(which=WHICH)
    def person_archives(self, which: int) -> None:
        incident = self.one(which)
        self.command(self.on(editing.archive, incident), self.model.archive(incident))

    @precondition(has_incidents)
    @rule(which=WHICH)
    def person_restores(self, which: int) -> None:
        incident = self.one(which)
        incident.is_archived = False
        self.command(self.on(editing.restore, incident), None)

    def on(self, command: Callable[..., Awaitable[Any]], incident: Incident) -> Callable[..., Awaitable[Any]]:
        """Return a command about an incident, by whoever saw any version of it."""
        return partial(command, project_id=self.project_id, incident_id=IncidentId(incident.id), expected=None)

    def rows(self) -> Sequence[IncidentRow]:
        """Return all incidents, oldest first."""
        return self.within(lambda tx: self.all_of(tx, IncidentRow))

    async def all_of[Row: TenantTable](self, tx: Tx, table: type[Row]) -> Sequence[Row]:
        order = EventRow.position if table is EventRow else literal_column("created_at")
        return (await tx.session.scalars(tx.select(table).order_by(order))).all()

    @invariant()
    def product_and_model_agree(self) -> None:
        rows = self.rows()
        assert [
            (row.id, row.state, row.severity, row.merged_into, row.archived_at is not None, row.assignee_id is not None)
            for row in rows
        ] == [
            (one.id, one.state, one.severity, one.merged_into and one.merged_into.id, one.is_archived, one.is_assigned)
            for one in self.model.incidents
        ]
        assert [
            (row.starts_at, row.incident_id, row.merged_from)
            for row in self.within(lambda tx: self.all_of(tx, AlertRow))
        ] == [
            (one.starts_at, one.incident.id, None if one.home is one.incident else one.home.id)
            for one in self.model.alerts
        ]
        self.clock.advance(seconds=1)

    @invariant()
    def the_log_replays_to_the_rows(self) -> None:
        events = self.within(lambda tx: self.all_of(tx, EventRow))
        for row in self.rows():
            own = replayed(event for event in events if event.incident_id == row.id)
            assert own == {field: plain(getattr(row, field)) for field in FIELDS}


def plain(value: Any) -> Any:
    """Return a column's value as the log has it."""
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
    return value


def test_any_history_is_what_the_model_says(settings: Settings) -> None:
    clock = StoppedClock()
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        built = Runtime.start(settings, ROUTES, clock=clock)
        quiet = QuietRelay(built.database, built.queues, built.realtime, built.responses, ROUTES)
        app = App(replace(built, relay=quiet))
        try:
            run_state_machine_as_test(
                lambda: Life(runner.run, app, clock),  # type: ignore[arg-type]  # whatever makes a machine will do
                settings=tries(max_examples=12, stateful_step_count=25, deadline=None),
            )
        finally:
            runner.run(app.mailbox.close())
            runner.run(built.close())
