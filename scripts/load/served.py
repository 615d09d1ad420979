"""The whole product on services of its own, for what posts to it and reads from it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from scripts.devstack import environment as env
from scripts.devstack.demo_tenant import bearer, ensure_demo_tenant
from scripts.devstack.ports import free_port
from scripts.devstack.stack import launch_functions_host
from scripts.devstack.state import State, read_json
from scripts.load.poster import Target
from scripts.proof.scratch import UNHURRIED, scratch_stack

_UNLIMITED: Final = {**UNHURRIED, "INGEST_CEILING_PER_MINUTE": "1000000"}  # one sender stands for a fleet
_SERVICES: Final = ("postgres", "redis", "azurite", "webpubsub")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where alerts go, where the API is and how a program signs in, and the process of each part."""

    target: Target
    url: str
    headers: Mapping[str, str]
    pids: Mapping[str, int]
    addresses: env.Addresses
    state: State


@asynccontextmanager
async def served(*, durable: bool = False) -> AsyncIterator[Served]:
    """Start all, and leave nothing behind. `durable` services lose nothing in a crash."""
    async with scratch_stack(durable=durable) as (addresses, state):
        port = free_port()
        settings = {**env.app_settings(addresses, port=port, secret=state.secret), **_UNLIMITED}
        host = launch_functions_host(state, settings, port=port).await_ready()
        try:
            tenant = await asyncio.to_thread(ensure_demo_tenant, state, host.url)
            yield Served(
                target=Target(f"{host.url}/webhooks/alertmanager", tenant.ingest_token),
                url=host.url,
                headers=bearer(tenant.api_key),
                pids={"host": host.process.pid, **{name: _pid(state, name) for name in _SERVICES}},
                addresses=addresses,
                state=state,
            )
        finally:
            host.stop()


def _pid(state: State, service: str) -> int:
    return int(read_json(state.pidfiles / f"{service}.json")["pid"])
