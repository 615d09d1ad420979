"""A crash at any named point loses nothing and doubles nothing: sender, host and relay try again, each its own part."""

from itertools import product

import psycopg
import pytest

from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode
from tests.chaos.crashing import ONLY_WHERE_ALERTS_ARE_QUEUED, POINTS, Trap, survive
from tests.fixtures import StoppedClock


def passed(mode: IngestMode) -> list[str]:
    """Return the points that an alert passes where alerts are stored, or queued, first."""
    return [point for point in POINTS if mode is IngestMode.QUEUE or point not in ONLY_WHERE_ALERTS_ARE_QUEUED]


@pytest.mark.parametrize(
    ("mode", "point", "nth"), [(mode, point, nth) for mode in IngestMode for point in passed(mode) for nth in (1, 2)]
)
async def test_a_crash_loses_nothing_and_doubles_nothing(
    runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock, mode: IngestMode, point: str, nth: int
) -> None:
    trap = Trap(point, nth)
    await survive(runtime, owner, clock, mode, trap)
    assert trap.has_sprung or nth > 1, "the way of an alert does not pass this point"


@pytest.mark.pairs
@pytest.mark.parametrize(
    ("mode", "first", "second"), [(mode, *pair) for mode in IngestMode for pair in product(passed(mode), repeat=2)]
)
async def test_two_crashes_lose_nothing_and_double_nothing(
    runtime: Runtime, owner: psycopg.AsyncConnection, clock: StoppedClock, mode: IngestMode, first: str, second: str
) -> None:
    await survive(runtime, owner, clock, mode, Trap(first, 1), Trap(second, 2 if first == second else 1))
