"""Is everything there? Each part's state and latency, and never its address."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, Self

from sqlalchemy import text

from shared.platform.language_model import OUTAGES, Reply, Result
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.wire import Wire

log = logging.getLogger(__name__)

MODEL_KNOWN_SECONDS: Final = 15 * 60
"""So long the last call of the language model says how it is."""

_DEADLINE: Final = 2.0  # seconds
_KEPT_SECONDS: Final = 3.0


class Health(StrEnum):
    """`DEGRADED` is not down: something is slower or missing, and alerts are still taken."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    NOT_CONFIGURED = "not_configured"


_FINE: Final = frozenset({Health.OK, Health.NOT_CONFIGURED})


class PartOut(Wire):
    """`latency_ms` is for those who are signed in, or show an API key; null for others.

    Of the model it is that of its last call: null where it was not asked for a quarter of an hour.
    """

    state: Health
    latency_ms: float | None


class HealthOut(Wire):
    status: Health
    parts: dict[str, PartOut]

    def for_everyone(self) -> Self:
        """Return what may be told to nobody in particular."""
        parts = {name: part.model_copy(update={"latency_ms": None}) for name, part in self.parts.items()}
        return self.model_copy(update={"parts": parts})


class LiveOut(Wire):
    status: Health


async def health_of(runtime: Runtime) -> HealthOut:
    """Return how every part is, or was a moment ago: many who ask cost the parts no more than one."""
    return await runtime.recent.get("health", lambda: examine(runtime), seconds=_KEPT_SECONDS)


async def note_model(runtime: Runtime, reply: Reply) -> None:
    """Leave what became of a call of the language model, for whatever process is asked how it is."""
    if reply.result is not Result.BREAKER_OPEN:  # nobody called
        said = json.dumps({"is_well": reply.result not in OUTAGES, "latency_ms": reply.latency_ms})
        await runtime.cache.set(_model_key(runtime), said, seconds=MODEL_KNOWN_SECONDS)


async def is_ready(runtime: Runtime) -> bool:
    """Whether work is accepted, or was a moment ago."""
    return await runtime.recent.get("ready", lambda: accepts_work(runtime), seconds=_KEPT_SECONDS)


async def examine(runtime: Runtime) -> HealthOut:
    """Ask every part at once, and none for longer than two seconds."""
    probes: dict[str, Callable[[], Awaitable[object]]] = {
        "database": lambda: _query(runtime),
        "queues": lambda: runtime.queues.depth(Queue.ALERTS),
        "tables": runtime.tables.ping,
        "realtime": runtime.realtime.ping,
        # Last, because its deadline is the shortest: a new process spends more than that importing the others' clients.
        "redis": runtime.cache.ping,
    }
    found = await asyncio.gather(*(_probe(name, probe) for name, probe in probes.items()))
    parts = dict(zip(probes, found, strict=True)) | {"model": await _model(runtime)}
    return HealthOut(status=_overall(parts), parts=parts)


async def accepts_work(runtime: Runtime) -> bool:
    """Whether an alert posted now would be stored: one of the two stores is enough."""
    database, queues = await asyncio.gather(
        _probe("database", lambda: _query(runtime)), _probe("queues", lambda: runtime.queues.depth(Queue.ALERTS))
    )
    return Health.OK in {database.state, queues.state}


def _overall(parts: dict[str, PartOut]) -> Health:
    if all(part.state in _FINE for part in parts.values()):
        return Health.OK
    stores = (parts["database"].state, parts["queues"].state)
    return Health.DOWN if all(state is Health.DOWN for state in stores) else Health.DEGRADED


async def _probe(name: str, probe: Callable[[], Awaitable[object]]) -> PartOut:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(_DEADLINE):
            await probe()
        state = Health.OK
    except Exception as error:  # noqa: BLE001 - whatever it is, the part does not answer
        log.warning("%s is down: %s", name, type(error).__name__)
        state = Health.DOWN
    return PartOut(state=state, latency_ms=round((time.perf_counter() - started) * 1_000, 1))


async def _model(runtime: Runtime) -> PartOut:
    """By what became of its last call in any process: asking it just to see would cost money.

    Nothing speaks against a model that was not asked lately; nor does a Redis that is away, which would know.
    """
    if not runtime.model.name:
        return PartOut(state=Health.NOT_CONFIGURED, latency_ms=0)
    said = await runtime.cache.get(_model_key(runtime))
    last = json.loads(said) if said else {"is_well": not runtime.model.is_resting, "latency_ms": None}
    return PartOut(state=Health.OK if last["is_well"] else Health.DEGRADED, latency_ms=last["latency_ms"])


def _model_key(runtime: Runtime) -> str:
    return f"ai:last:{runtime.model.name}"


async def _query(runtime: Runtime) -> None:
    async with runtime.database.session(runtime.database.app) as session:
        await session.execute(text("select 1"))
