"""What nobody asks for any more is let go of."""

from datetime import timedelta
from typing import Final, LiteralString
from uuid import uuid4

import psycopg
import pytest

from tests.fixtures import App, StoppedClock, Tenant

KEPT_FOR = [("sessions", 1), ("notification_deliveries", 90), ("integration_checks", 30), ("dead_letters", 90)]
AGES: Final[dict[str, LiteralString]] = {"sessions": "expires_at", "notification_deliveries": "created_at"}
_OURS: Final = "from monitoring_integrations i where i.id = %(integration)s"
INSERTS: Final[dict[str, LiteralString]] = {
    "sessions": "insert into sessions (tenant_id, id, user_id, project_id, created_at, expires_at, refresh_digest,"
    " refreshed_at) select i.tenant_id, uuidv7(), u.id, i.project_id, %(at)s, %(at)s, '', %(at)s"
    f" {_OURS.replace('where', 'join users u using (tenant_id) where')}",
    "notification_deliveries": "with channel as (insert into notification_channels (tenant_id, id, project_id, kind,"
    " name, destination, events, min_severity, enabled, version, created_at)"
    " select i.tenant_id, uuidv7(), i.project_id, 'email', 'one', 'a@example.com', '{}', 'info', true, 1, %(at)s"
    f" {_OURS} returning tenant_id, id)"
    " insert into notification_deliveries (tenant_id, id, channel_id, event_type, notice, status, attempts, error,"
    " created_at, due_at) select tenant_id, uuidv7(), id, 'test', '{}', 'sent', 1, '', %(at)s, %(due)s from channel",
    "integration_checks": "insert into integration_checks (tenant_id, id, integration_id, at, ok, latency_ms, detail)"
    f" select i.tenant_id, uuidv7(), i.id, %(at)s, true, 1, '' {_OURS}",
    "dead_letters": "insert into dead_letters (tenant_id, id, project_id, at, source, reason, content, digest)"
    f" select i.tenant_id, uuidv7(), i.project_id, %(at)s, 'alerts', '', '', %(at)s::text {_OURS}",
}


async def test_links_that_ran_out_and_what_was_finished_long_ago_are_let_go_of(
    app: App, tenant: Tenant, clock: StoppedClock, owner: psycopg.AsyncConnection
) -> None:
    now = clock.now()
    for expires_at in (now - timedelta(minutes=1), now + timedelta(minutes=1)):
        await owner.execute(
            "insert into password_resets (tenant_id, id, user_id, secret_digest, created_at, expires_at)"
            " select tenant_id, uuidv7(), id, '', %s, %s from users where email = %s",
            (now, expires_at, tenant.email),
        )
    for at in (now - timedelta(days=31), now - timedelta(days=29)):
        await owner.execute(
            "insert into inbox (tenant_id, id, consumer, at) values (%s, %s, 'a_consumer', %s)",
            (tenant.tenant_id, uuid4(), at),
        )
    await app.tick("forget_what_is_over")
    left = await owner.execute(
        "select (select array_agg(expires_at) from password_resets where tenant_id = %(tenant)s),"
        " (select array_agg(at) from inbox where tenant_id = %(tenant)s and consumer = 'a_consumer')",
        {"tenant": tenant.tenant_id},
    )
    assert await left.fetchone() == ([now + timedelta(minutes=1)], [now - timedelta(days=29)])


@pytest.mark.parametrize(("table", "days"), KEPT_FOR)
async def test_what_nobody_reads_again_is_let_go_of_at_its_age(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection, table: LiteralString, days: int
) -> None:
    insert = INSERTS[table]
    for hours in (1, -1):
        at = app.runtime.clock.now() - timedelta(days=days, hours=hours)
        await owner.execute(insert, {"at": at, "due": None, "integration": tenant.integration_id})
    await app.tick("forget_what_is_over")
    query = f"select {AGES.get(table, 'at')} from {table} where tenant_id = %s order by 1 limit 1"
    found = await owner.execute(query, (tenant.tenant_id,))
    assert await found.fetchone() == (app.runtime.clock.now() - timedelta(days=days, hours=-1),)


async def test_a_delivery_that_is_to_be_tried_again_stays(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    now = app.runtime.clock.now()
    given = {"at": now - timedelta(days=91), "due": now + timedelta(hours=1), "integration": tenant.integration_id}
    await owner.execute(INSERTS["notification_deliveries"], given)
    await app.tick("forget_what_is_over")
    left = await owner.execute("select count(*) from notification_deliveries where tenant_id = %s", (tenant.tenant_id,))
    assert await left.fetchone() == (1,)
