"""What processes cost, with all that they started."""

from collections.abc import Mapping
from typing import Final

import psutil

_SETTLED: Final = 0.05  # of a core


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has taken, with its children, also with those that have ended."""
    root = psutil.Process(pid)
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # its parent has it among the ended ones by now
        total += times.user + times.system + times.children_user + times.children_system
    return total


class Meter:
    """The CPU time of named process trees since it was made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = self._now()

    def read(self) -> dict[str, float]:
        """Return seconds by name."""
        return {name: seconds - self._before[name] for name, seconds in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {name: cpu_seconds(pid) for name, pid in self._pids.items()}


def is_idle(meter: Meter, seconds: float) -> bool:
    """Whether what a meter has read in `seconds` is no more than processes take that only wait."""
    return sum(meter.read().values()) <= _SETTLED * seconds
