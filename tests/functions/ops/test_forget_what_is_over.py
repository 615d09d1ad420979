"""What nobody asks for any more is let go of."""

from datetime import timedelta
from uuid import uuid4

import psycopg

from tests.fixtures import App, StoppedClock, Tenant


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
