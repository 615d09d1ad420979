"""Run as a program: everything that needs a token of Entra, once, by the product's own code. Prints JSON.

A process of its own, because whom TLS trusts is read from the environment when a process starts.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from functions.subscriptions import ROUTES
from shared.platform import key_vault, telemetry
from shared.platform.blob_store import AUDIT_SEALS
from shared.platform.language_model import Message
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from shared.platform.table_store import API_CALLS

CROWD = 3  # connections at once


async def do_everything(runtime: Runtime) -> dict[str, str]:
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "database": lambda: _who(runtime, runtime.database.app),
        "database, system": lambda: _who(runtime, runtime.database.system),
        "redis": lambda: _cached(runtime),
        "queue": lambda: runtime.queues.send(Queue.ALERTS, "hello"),
        "table": lambda: runtime.tables.upsert(API_CALLS, [{"PartitionKey": "entra", "RowKey": str(uuid4())}]),
        "blob": lambda: runtime.blobs.write_once(AUDIT_SEALS, str(uuid4()), b"seal"),
        "realtime": lambda: runtime.realtime.publish("group", {}),
        "model": lambda: _asked(runtime),
    }
    found = {}
    for name, step in steps.items():
        try:
            found[name] = str(await step())
        except Exception as error:  # noqa: BLE001 - the test shows what it was
            found[name] = f"{error!r} from {error.__cause__!r}"
    return found


async def _who(runtime: Runtime, engine: AsyncEngine) -> str:
    async def ask() -> str:
        async with runtime.database.session(engine) as session:
            return str(await session.scalar(text("select current_user from pg_sleep(0.2)")))

    return ",".join(sorted(set(await asyncio.gather(*(ask() for _ in range(CROWD))))))


async def _cached(runtime: Runtime) -> str | None:
    cache = runtime.patient_cache
    key = f"test:{uuid4()}"
    await cache.set(key, "there", seconds=60)
    client = cache._connected()
    # What Azure does to a connection whose token has expired; nobody is told of it.
    await client.client_kill_filter(skipme=False, user=str(await client.acl_whoami()))
    async with asyncio.timeout(30):
        for connection in client.connection_pool._available_connections:
            if connection._reader is not None:
                await connection._reader.read()  # till its end
    return await cache.get(key)


async def _asked(runtime: Runtime) -> str:
    reply = await runtime.model.ask([Message(role="user", text="Why?")], form="answer", schema={"type": "object"})
    return f"{reply.result.value} {reply.text}"


async def main() -> None:
    settings = Settings.read(key_vault.complete(os.environ))
    telemetry.start(settings)
    runtime = Runtime.start(settings, ROUTES)
    await runtime.queues.create([Queue.ALERTS])
    await runtime.tables.create()
    await runtime.blobs.create()
    with telemetry.span("everything"):
        found = await do_everything(runtime)
    await runtime.close()
    await telemetry.stop()
    sys.stdout.write(json.dumps(found | {"session key": settings.session_keys.newest[0]}))


if __name__ == "__main__":
    asyncio.run(main())
