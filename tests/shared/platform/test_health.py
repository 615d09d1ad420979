from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from shared.platform.cache import Cache
from shared.platform.database import Database
from shared.platform.health import Health, HealthOut, accepts_work, examine
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
