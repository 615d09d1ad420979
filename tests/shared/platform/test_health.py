import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import pytest

from shared.platform.cache import Cache
from shared.platform.database import Database
from shared.platform.health import MODEL_KNOWN_SECONDS, Health, HealthOut, accepts_work, examine, note_model
from shared.platform.language_model import LanguageModel, Reply, Result
from shared.platform.queues import Queues
from shared.platform.realtime import Realtime
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from shared.platform.table_store import TableStore
from tests.shared.platform.offline import offline

# What makes each part of a runtime, by the name that its health goes by.
PARTS: Mapping[str, tuple[str, Callable[[Settings], Any]]] = MappingProxyType(
    {
        "database": ("database", Database),
        "redis": ("cache", Cache),
        "queues": ("queues", lambda settings: Queues(settings.storage_access)),
        "tables": ("tables", lambda settings: TableStore(settings.storage_access)),
        "realtime": ("realtime", Realtime),
    }
)


async def examined(runtime: Runtime, *away: str) -> tuple[HealthOut, bool]:
    """Examine a runtime whose parts named in `away` have nothing behind them, and ask whether it accepts work."""
    parts: dict[str, Any] = {PARTS[name][0]: PARTS[name][1](offline()) for name in away}
    broken = replace(runtime, **parts)
    found, ready = await examine(broken), await accepts_work(broken)
    for part in parts.values():
        await part.close()
    return found, ready


def states(found: HealthOut) -> dict[str, Health]:
    return {name: part.state for name, part in found.parts.items() if name != "model"}


async def test_everything_is_there(runtime: Runtime) -> None:
    found, ready = await examined(runtime)
    assert (found.status, ready) == (Health.OK, True)
    assert states(found) == dict.fromkeys(PARTS, Health.OK)


@pytest.mark.parametrize("name", PARTS)
async def test_one_part_that_is_away_is_named_and_degrades_the_whole(runtime: Runtime, name: str) -> None:
    found, ready = await examined(runtime, name)
    assert (found.status, ready) == (Health.DEGRADED, True)
    assert states(found) == dict.fromkeys(PARTS, Health.OK) | {name: Health.DOWN}


async def test_without_either_store_it_is_down(runtime: Runtime) -> None:
    found, ready = await examined(runtime, "database", "queues")
    assert (found.status, ready) == (Health.DOWN, False)


async def test_health_tells_no_address(runtime: Runtime) -> None:
    found, _ = await examined(runtime, *PARTS)
    assert "127.0.0.1" not in found.model_dump_json()


async def test_a_model_that_nobody_configured_is_named_and_is_missed_by_nobody(runtime: Runtime) -> None:
    found, _ = await examined(runtime)
    assert (found.status, found.parts["model"].state) == (Health.OK, Health.NOT_CONFIGURED)


def asking(runtime: Runtime, name: str) -> Runtime:
    """Return a process of its own with a model of that name."""
    return replace(runtime, model=LanguageModel(runtime.settings.model_copy(update={"model_deployment": name})))


@pytest.fixture
def name() -> str:
    return f"model-{uuid4()}"


async def model_of(runtime: Runtime) -> tuple[Health, Health, float | None]:
    """The state of all, and the state and latency of the model."""
    found = await examine(runtime)
    return found.status, found.parts["model"].state, found.parts["model"].latency_ms


async def test_nothing_speaks_against_a_model_that_nobody_has_asked(runtime: Runtime, name: str) -> None:
    assert await model_of(asking(runtime, name)) == (Health.OK, Health.OK, None)


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (Result.ANSWERED, Health.OK),
        (Result.REFUSED, Health.OK),
        (Result.TRUNCATED, Health.OK),
        (Result.RATE_LIMITED, Health.DEGRADED),
        (Result.TIMED_OUT, Health.DEGRADED),
        (Result.FAILED, Health.DEGRADED),
    ],
)
async def test_a_model_is_as_its_last_call_was_whichever_process_made_it(
    runtime: Runtime, name: str, result: Result, state: Health
) -> None:
    await note_model(asking(runtime, name), Reply(result=Result.FAILED, latency_ms=1))
    await note_model(asking(runtime, name), Reply(result=result, latency_ms=321))
    await note_model(asking(runtime, name), Reply(result=Result.BREAKER_OPEN))
    assert await model_of(asking(runtime, name)) == (state, state, 321)


async def test_what_a_call_says_of_a_model_is_forgotten_after_a_quarter_of_an_hour(runtime: Runtime, name: str) -> None:
    await note_model(asking(runtime, name), Reply(result=Result.FAILED, latency_ms=1))
    left = await runtime.cache.run("return redis.call('TTL', KEYS[1])", [f"ai:last:{name}"], [])
    assert MODEL_KNOWN_SECONDS - 60 < int(left) <= MODEL_KNOWN_SECONDS == 900


async def test_without_redis_a_model_is_what_this_process_knows_of_it(runtime: Runtime, name: str) -> None:
    nowhere = Cache(offline())
    away = replace(asking(runtime, name), cache=nowhere)
    await note_model(away, Reply(result=Result.ANSWERED, latency_ms=1))
    found = await examine(away)
    assert (found.parts["redis"].state, found.parts["model"].state) == (Health.DOWN, Health.OK)
    away.model._breaker.failed()
    assert (await examine(away)).parts["model"].state is Health.DEGRADED
    await nowhere.close()


async def test_what_is_down_is_logged_by_its_name_and_the_kind_of_error(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "shared.platform.health"):
        await examined(runtime, "redis")
    said = [record.getMessage() for record in caplog.records if record.name == "shared.platform.health"]
    assert said == ["redis is down: ConnectionError"]
