"""A day is sealed once it is over, and whatever is done to it afterwards is found out."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg
import pytest
from azure.storage.blob.aio import ContainerClient
from psycopg.rows import dict_row

from shared.audit.digest import Seal, digest_of
from shared.audit.rounds import seal_each, seal_tenant
from shared.audit.seals import anchor_of, read_day, seal_next
from shared.kernel.values import ActorKind
from shared.platform import faults
from shared.platform.blob_store import AUDIT_SEALS
from shared.platform.call_audit import CallRecord, partition_of
from tests.fixtures import App, StoppedClock, Tenant, register, sign_in_again
from tests.functions.audit.audited import everything, id_of, stored, table_of


@dataclass(frozen=True)
class Sealed:
    """A tenant whose first day, with some calls and changes, is sealed, and so is the next one."""

    app: App
    tenant: Tenant
    owner: psycopg.AsyncConnection
    day: date

    @property
    def partition(self) -> str:
        return partition_of(id_of(self.tenant), self.day)

    async def verify(self, query: str = "") -> dict[str, Any]:
        answer = await self.app.call("GET", f"audit/verify?{query or f'from={self.day}'}", token=self.tenant.token)
        assert answer.status == 200, answer.content
        found: dict[str, Any] = answer.json
        return found

    async def calls(self) -> list[dict[str, Any]]:
        async with table_of(self.app) as table:
            return [dict(row) async for row in table.query_entities(f"PartitionKey eq '{self.partition}'")]

    async def events(self) -> list[dict[str, Any]]:
        async with self.owner.cursor(row_factory=dict_row) as cursor:
            asked = "select * from event_log where tenant_id = %s order by at, id"
            await cursor.execute(asked, (self.tenant.tenant_id,))
            return await cursor.fetchall()

    def blobs(self) -> ContainerClient:
        storage = self.app.runtime.settings.storage.get_secret_value()
        return ContainerClient.from_connection_string(storage, AUDIT_SEALS)

    async def forge(self, content: str, day: date, *, also_blob: bool) -> None:
        """Replace a seal as whoever owns the database could, and the blob as whoever owns the storage could."""
        await self.owner.execute(
            "update audit_seals set content = %s, digest = %s where tenant_id = %s and day = %s",
            (content, digest_of(content), self.tenant.tenant_id, day),
        )
        if also_blob:
            async with self.blobs() as container:
                await container.upload_blob(anchor_of(id_of(self.tenant), day), content, overwrite=True)

    async def content(self, day: date) -> str:
        found = await self.owner.execute(
            "select content from audit_seals where tenant_id = %s and day = %s", (self.tenant.tenant_id, day)
        )
        row = await found.fetchone()
        assert row
        return str(row[0])


async def seal_all(app: App, tenant: Tenant) -> int:
    count = 0
    while await seal_next(app.runtime, id_of(tenant)):
        count += 1
    return count


@pytest.fixture
async def sealed(app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection) -> Sealed:
    for name in ("one", "two"):
        clock.advance(seconds=1)
        await app.call("POST", "services", {"name": name}, token=tenant.token)
    await stored(app)
    day = clock.now().date()
    clock.advance(days=3)
    assert await seal_all(app, tenant) >= 2
    return Sealed(app, await sign_in_again(app, tenant), owner, day)


async def test_sealed_days_are_proven_and_the_others_are_open(sealed: Sealed, clock: StoppedClock) -> None:
    found = await sealed.verify()
    assert found["intact"]
    assert found["verified"] >= 2
    assert found["mismatch"] is None
    assert found["open_from"] in {str(clock.now().date() - timedelta(days=n)) for n in (0, 1)}
    assert len(found["last_digest"]) == 64


async def test_a_day_before_the_tenant_s_first_is_no_mismatch(sealed: Sealed) -> None:
    assert (await sealed.verify(f"from={sealed.day - timedelta(days=9)}"))["intact"]
    before = sealed.day - timedelta(days=1)
    assert (await sealed.verify(f"from={before}&to={before}"))["verified"] == 0


async def test_a_range_that_begins_within_the_chain_is_proven(sealed: Sealed) -> None:
    second = sealed.day + timedelta(days=1)
    assert (await sealed.verify(f"from={second}&to={second}"))["verified"] == 1


async def alter_a_call(sealed: Sealed) -> None:
    row = (await sealed.calls())[0]
    async with table_of(sealed.app) as table:
        await table.upsert_entity({**row, "actor_name": "Somebody Else"})


async def remove_a_call(sealed: Sealed) -> None:
    row = (await sealed.calls())[0]
    async with table_of(sealed.app) as table:
        await table.delete_entity(row["PartitionKey"], row["RowKey"])


async def add_a_call(sealed: Sealed) -> None:
    row = (await sealed.calls())[0]
    async with table_of(sealed.app) as table:
        await table.create_entity({**row, "RowKey": row["RowKey"][:-1] + "x"})


async def swap_calls(sealed: Sealed) -> None:
    first, second = (await sealed.calls())[:2]
    async with table_of(sealed.app) as table:
        for row, key in ((first, second["RowKey"]), (second, first["RowKey"])):
            await table.upsert_entity({**row, "RowKey": key}, mode="replace")


async def drop_a_column_of_a_call(sealed: Sealed) -> None:
    row = (await sealed.calls())[0]
    async with table_of(sealed.app) as table:
        await table.upsert_entity({name: row[name] for name in row if name != "status"}, mode="replace")


async def give_a_call_other_types(sealed: Sealed) -> None:
    row = (await sealed.calls())[0]
    others = {"status": "fine", "actor_id": "nobody", "actor_kind": 7, "actor_name": b"\xff", "at": datetime.now(UTC)}
    async with table_of(sealed.app) as table:
        await table.upsert_entity({**row, **others}, mode="replace")


async def alter_a_change(sealed: Sealed) -> None:
    event = (await sealed.events())[0]
    await sealed.owner.execute("update event_log set actor_name = 'Somebody Else' where id = %s", (event["id"],))


async def remove_a_change(sealed: Sealed) -> None:
    event = (await sealed.events())[0]
    await sealed.owner.execute("delete from event_log where id = %s", (event["id"],))


async def add_a_change(sealed: Sealed) -> None:
    event = (await sealed.events())[0]
    await sealed.owner.execute(
        "insert into event_log (tenant_id, id, project_id, type, subject_id, at, actor_kind) select tenant_id,"
        " gen_random_uuid(), project_id, type, subject_id, at, actor_kind from event_log where id = %s",
        (event["id"],),
    )


async def swap_changes(sealed: Sealed) -> None:
    first, second = (await sealed.events())[-2:]
    for event, at in ((first, second["at"]), (second, first["at"])):
        await sealed.owner.execute("update event_log set at = %s where id = %s", (at, event["id"]))


async def alter_the_seal(sealed: Sealed) -> None:
    await sealed.owner.execute(
        "update audit_seals set digest = repeat('0', 64) where tenant_id = %s and day = %s",
        (sealed.tenant.tenant_id, sealed.day),
    )


async def seal_garbage(sealed: Sealed) -> None:
    await sealed.forge("{}", sealed.day, also_blob=True)


async def seal_no_number(sealed: Sealed) -> None:
    seal = Seal.read(await sealed.content(sealed.day))
    words: Any = "many"
    forged = replace(seal, calls=replace(seal.calls, count=words))
    await sealed.forge(forged.content, sealed.day, also_blob=True)


async def remove_the_seal(sealed: Sealed) -> None:
    await sealed.owner.execute(
        "delete from audit_seals where tenant_id = %s and day = %s", (sealed.tenant.tenant_id, sealed.day)
    )


async def forge_the_seal(sealed: Sealed) -> None:
    seal = Seal.read(await sealed.content(sealed.day))
    await sealed.forge(replace(seal, calls=seal.changes).content, sealed.day, also_blob=False)


async def remove_the_blob(sealed: Sealed) -> None:
    async with sealed.blobs() as container:
        await container.delete_blob(anchor_of(id_of(sealed.tenant), sealed.day))


TAMPERING: Final[dict[Callable[[Sealed], Awaitable[None]], tuple[str, str]]] = {
    alter_a_call: ("calls", "entry_altered"),
    remove_a_call: ("calls", "entry_removed"),
    add_a_call: ("calls", "entry_added"),
    swap_calls: ("calls", "entries_reordered"),
    drop_a_column_of_a_call: ("calls", "entry_altered"),
    give_a_call_other_types: ("calls", "entry_altered"),
    alter_a_change: ("changes", "entry_altered"),
    remove_a_change: ("changes", "entry_removed"),
    add_a_change: ("changes", "entry_added"),
    swap_changes: ("changes", "entries_reordered"),
    alter_the_seal: ("seal", "seal_forged"),
    seal_garbage: ("seal", "seal_forged"),
    seal_no_number: ("seal", "seal_forged"),
    remove_the_seal: ("seal", "seal_missing"),
    forge_the_seal: ("seal", "anchor_differs"),
    remove_the_blob: ("seal", "anchor_missing"),
}


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
async def test_the_first_day_that_was_tampered_with_is_named_with_the_reason(
    sealed: Sealed, tamper: Callable[[Sealed], Awaitable[None]]
) -> None:
    await tamper(sealed)
    found = await sealed.verify()
    assert not found["intact"]
    mismatch = found["mismatch"]
    assert (mismatch["day"], mismatch["part"], mismatch["fault"]) == (str(sealed.day), *TAMPERING[tamper])


@pytest.mark.parametrize("tamper", [drop_a_column_of_a_call, give_a_call_other_types])
async def test_an_altered_call_is_listed_as_far_as_it_can_be_read(
    sealed: Sealed, tamper: Callable[[Sealed], Awaitable[None]]
) -> None:
    count = len(await sealed.calls())
    await tamper(sealed)
    path = f"audit/calls?from={sealed.day}T00:00:00Z&to={sealed.day + timedelta(days=1)}T00:00:00Z&limit=200"
    assert len(await everything(sealed.app, path, sealed.tenant.token)) == count


async def test_a_call_that_was_altered_before_its_day_is_sealed_keeps_no_day_from_it(
    app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await stored(app)
    early = Sealed(app, tenant, owner, clock.now().date())
    await give_a_call_other_types(early)
    clock.advance(days=2)
    assert await seal_all(app, tenant) >= 1


async def test_whoever_seals_an_altered_day_anew_breaks_the_chain(sealed: Sealed) -> None:
    seal = Seal.read(await sealed.content(sealed.day))
    await remove_a_call(sealed)
    found = (await sealed.verify())["mismatch"]
    assert (found["sealed_count"], found["found_count"]) == (seal.calls.count, seal.calls.count - 1)
    forged = (await read_day(sealed.app.runtime, id_of(sealed.tenant), sealed.day, seal.previous)).seal
    await sealed.forge(forged.content, sealed.day, also_blob=True)
    second = (await sealed.verify())["mismatch"]
    assert (second["day"], second["fault"]) == (str(sealed.day + timedelta(days=1)), "chain_broken")


async def test_what_becomes_of_an_event_s_delivery_is_no_alteration(sealed: Sealed) -> None:
    await sealed.app.carry()
    assert (await sealed.verify())["intact"]


async def test_a_call_that_comes_late_stands_under_the_day_that_stores_it(sealed: Sealed, clock: StoppedClock) -> None:
    at = datetime.combine(sealed.day, datetime.min.time(), UTC)
    late = CallRecord(
        at=at, tenant_id=id_of(sealed.tenant), project_id=None, actor_kind=ActorKind.USER, actor_id=None,
        actor_name="Late", method="GET", route="incidents", path="incidents", operation="list_incidents", status=200,
        duration_ms=1.0, address="", request_id="late", trace_id="",
    )  # fmt: skip
    sealed.app.runtime.audit.record(late)
    await stored(sealed.app)
    assert (await sealed.verify())["intact"]
    assert "late" not in {row["request_id"] for row in await sealed.calls()}
    listed = await everything(sealed.app, "audit/calls?q=late&limit=200", sealed.tenant.token)
    assert [one["request_id"] for one in listed] == ["late"]


async def test_a_day_is_not_sealed_before_nothing_can_join_it(
    app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    midnight = datetime.combine(clock.now().date() + timedelta(days=1), datetime.min.time(), UTC)
    clock.at = midnight + timedelta(hours=5, minutes=59)
    assert await seal_all(app, tenant) == 0
    clock.at = midnight + timedelta(hours=6)
    assert await seal_all(app, tenant) == 1
    assert await seal_all(app, tenant) == 0


class Crash(Exception):
    pass


async def test_a_process_that_dies_between_blob_and_row_seals_the_same_day_once(
    app: App, clock: StoppedClock, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    clock.advance(days=2)

    def crash(point: str) -> None:
        if point == "audit.anchored":
            raise Crash

    faults.arm(crash)
    try:
        with pytest.raises(Crash):
            await seal_next(app.runtime, id_of(tenant))
    finally:
        faults.arm(None)
    # Whoever altered the day meanwhile is found out by the blob.
    await owner.execute("update event_log set note = 'x' where tenant_id = %s", (tenant.tenant_id,))
    await seal_all(app, tenant)
    again = await sign_in_again(app, tenant)
    found = (await app.call("GET", "audit/verify", token=again.token)).json
    assert (found["mismatch"]["part"], found["mismatch"]["fault"]) == ("changes", "entry_altered")


async def test_the_timer_seals_what_is_due(app: App, clock: StoppedClock, tenant: Tenant) -> None:
    await stored(app)
    day = clock.now().date()
    clock.advance(days=2)
    content = None
    async with asyncio.timeout(120):
        while content is None:  # a run comes to so many tenants at most, and others' tests have left theirs
            await app.tick("seal_audit")
            content = await app.runtime.blobs.read(AUDIT_SEALS, anchor_of(id_of(tenant), day))
    async with table_of(app) as table:
        own = table.query_entities(f"PartitionKey eq '{partition_of(id_of(tenant), day)}'")
        count = len([row async for row in own])
    assert json.loads(content)["calls"]["count"] == count > 0


async def test_a_tenant_that_cannot_be_sealed_sounds_an_alarm_and_spares_the_others(
    app: App, clock: StoppedClock, tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    other = await register(app)
    day = clock.now().date()
    clock.advance(days=2)
    await app.runtime.blobs.write_once(AUDIT_SEALS, anchor_of(id_of(tenant), day), b"\xff")
    assert await seal_each(app.runtime, [id_of(tenant), id_of(other)]) >= 1
    assert await seal_next(app.runtime, id_of(other)) is False
    assert f"A day of the audit of tenant {tenant.tenant_id} cannot be sealed" in caplog.text


async def test_a_day_that_takes_too_long_sounds_an_alarm(
    sealed: Sealed, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.advance(days=1)
    with pytest.raises(TimeoutError):
        await seal_tenant(sealed.app.runtime, id_of(sealed.tenant), seconds=0)
    assert f"A day of the audit of tenant {sealed.tenant.tenant_id} cannot be sealed" in caplog.text


@pytest.mark.parametrize("tamper", [drop_a_column_of_a_call, give_a_call_other_types])
async def test_a_malformed_call_of_the_last_sealed_day_sounds_an_alarm_and_the_next_day_is_sealed(
    app: App,
    clock: StoppedClock,
    tenant: Tenant,
    owner: psycopg.AsyncConnection,
    caplog: pytest.LogCaptureFixture,
    tamper: Callable[[Sealed], Awaitable[None]],
) -> None:
    await stored(app)
    clock.at = datetime.combine(clock.now().date() + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=6)
    assert await seal_all(app, tenant) == 1
    last = Sealed(app, tenant, owner, clock.now().date() - timedelta(days=1))
    await tamper(last)
    assert await day_after(last, clock, caplog) == f"The audit of tenant {tenant.tenant_id} does not match its seal"


async def day_after(sealed: Sealed, clock: StoppedClock, caplog: pytest.LogCaptureFixture) -> str:
    """Let the timer see to the tenant a day later. Returns what the log has of it."""
    clock.advance(days=1)
    assert await seal_tenant(sealed.app.runtime, id_of(sealed.tenant)) == 1
    return "\n".join(one.getMessage() for one in caplog.records if sealed.tenant.tenant_id in one.getMessage())


async def test_an_intact_day_sounds_no_alarm(
    sealed: Sealed, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    assert await day_after(sealed, clock, caplog) == ""


async def test_an_entry_that_joins_the_last_sealed_day_sounds_an_alarm_and_the_next_day_is_sealed(
    sealed: Sealed, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    await sealed.owner.execute(
        "insert into event_log (tenant_id, id, project_id, type, subject_id, at, actor_kind)"
        " select tenant_id, gen_random_uuid(), %(project)s, 'service.updated', gen_random_uuid(), max(day), 'user'"
        " from audit_seals where tenant_id = %(tenant)s group by tenant_id",
        {"tenant": sealed.tenant.tenant_id, "project": sealed.tenant.project_id},
    )
    told = await day_after(sealed, clock, caplog)
    assert told == f"The audit of tenant {sealed.tenant.tenant_id} does not match its seal"
    assert await day_after(sealed, clock, caplog) == told  # the days that follow are intact


async def test_a_forged_seal_sounds_an_alarm(
    sealed: Sealed, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    await sealed.owner.execute(
        "update audit_seals set digest = repeat('0', 64) where tenant_id = %s", (sealed.tenant.tenant_id,)
    )
    assert "does not match its seal" in await day_after(sealed, clock, caplog)


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=2026-02-01&to=2026-01-01", "from"), ("from=2020-01-01&to=2026-01-01", "from"), ("from=yesterday", "from")],
)
async def test_days_that_make_no_range_are_refused(app: App, tenant: Tenant, query: str, field: str) -> None:
    for path in ("audit/verify", "audit/stats"):
        answer = await app.call("GET", f"{path}?{query}", token=tenant.token)
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
