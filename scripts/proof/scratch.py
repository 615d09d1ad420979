"""A stack of its own for one run: services in a temporary folder, a migrated database, a runtime."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg
from pydantic import SecretStr

from functions.subscriptions import ROUTES
from infra.migrations.roles import APP, SYSTEM
from scripts.devstack import environment as env
from scripts.devstack.azurite import launch_azurite
from scripts.devstack.postgres import launch_postgres
from scripts.devstack.redis import launch_redis
from scripts.devstack.services import Service
from scripts.devstack.stack import launch_webpubsub
from scripts.devstack.state import State
from scripts.migrate import migrate, provision_storage
from scripts.proof.clock import SetClock
from scripts.proof.functions import Functions, QuietRelay
from scripts.proof.world import World
from shared.platform.clock import SystemClock
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings, StorageAccess

_PORT: Final = 7071  # only named in the answers; nothing listens
UNHURRIED: Final = {
    "PASSWORD_COST": "10",
    "RATE_LIMIT_PER_MINUTE": "1000000",
    "TENANT_RATE_LIMIT_PER_MINUTE": "1000000",
    "INGEST_LIMIT_PER_MINUTE": "1000000",
}


@asynccontextmanager
async def scratch_world(**preferred: str) -> AsyncIterator[World]:
    """Start services, make a world with these settings, and leave nothing behind."""
    async with scratch_settings(**preferred) as (settings, owner_url), world_of(settings, owner_url) as world:
        yield world


@asynccontextmanager
async def scratch_settings(**preferred: str) -> AsyncIterator[tuple[Settings, str]]:
    """Start services with a migrated database; give settings and the owner's address, and leave nothing behind."""
    async with scratch_stack() as (addresses, state):
        own = env.app_settings(addresses, port=_PORT, secret=state.secret)
        yield Settings.read({**own, **UNHURRIED, **preferred}), addresses.owner_database


@asynccontextmanager
async def scratch_stack(*, durable: bool = False) -> AsyncIterator[tuple[env.Addresses, State]]:
    """Start services, ready for the product, and leave nothing behind. `durable` ones lose nothing in a crash."""
    with _services(durable=durable) as (addresses, state):
        await asyncio.to_thread(migrate, addresses.owner_database, {role: state.secret(role) for role in (APP, SYSTEM)})
        await provision_storage(StorageAccess(connection_string=SecretStr(addresses.storage)))
        yield addresses, state


@asynccontextmanager
async def world_of(settings: Settings, owner_url: str) -> AsyncIterator[World]:
    """Make a world in a migrated database without tenants. Its Redis database is emptied.

    Its time stands, so that whoever is signed in stays so, however long all the calls take.
    """
    built = Runtime.start(settings, ROUTES, clock=SetClock(SystemClock().now()))
    quiet = QuietRelay(built.database, built.queues, built.realtime, built.responses, ROUTES)
    try:
        async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as owner:
            yield await World.make(Functions(replace(built, relay=quiet)), owner_url, owner)
    finally:
        await built.close()


@contextmanager
def _services(*, durable: bool) -> Iterator[tuple[env.Addresses, State]]:
    with ExitStack() as running:
        state = State.open(Path(running.enter_context(tempfile.TemporaryDirectory(prefix="srecopilot-"))))

        def url(service: Service) -> str:
            running.callback(service.stop)
            return service.await_ready().url

        storage = launch_azurite(state, durable=durable)
        redis = url(launch_redis(state, durable=durable))
        webpubsub = launch_webpubsub(state, redis)
        database = url(launch_postgres(state, durable=durable))
        addresses = env.Addresses(owner_database=database, redis=redis, storage=url(storage), webpubsub=url(webpubsub))
        yield addresses, state
