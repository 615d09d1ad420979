"""Named crash points at every effect boundary, so that tests can enumerate crashes. Free while nothing is armed."""

from collections.abc import Callable

_trap: Callable[[str], None] | None = None


def fault(point: str) -> None:
    """Pass the crash point `point`, which is named `<area>.<where>`."""
    if _trap is not None:
        _trap(point)


def arm(trap: Callable[[str], None] | None) -> None:
    """Call `trap` with the name of every point that is passed from now on; None disarms."""
    global _trap  # noqa: PLW0603 - a crash is a property of the process
    _trap = trap
