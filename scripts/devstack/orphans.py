"""What an earlier run left behind, found by its pidfiles."""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from scripts.devstack.state import State, read_json

SUPERVISOR = "supervisor"
# Two readings of one process's birth differ by this much at most, in seconds, when the clock is adjusted between.
BIRTH_TOLERANCE = 2.0


def sweep(state: State, *, timeout: float = 15) -> list[str]:
    """Ends every process that a pidfile names, the youngest first; returns the names of those that lived.

    The youngest first, because services start in the order of who needs whom. `timeout` in seconds is for each.
    """
    records = [(path, read_json(path)) for path in state.pidfiles.glob("*.json")]
    records.sort(key=lambda item: item[1].get("born", 0.0), reverse=True)
    return [path.stem for path, record in records if _end(path, record, timeout)]


def end_supervisor(state: State, *, timeout: float = 60) -> bool:
    """Asks a running supervisor to end, which ends its services; whether there was one."""
    path = state.pidfiles / f"{SUPERVISOR}.json"
    return _end(path, read_json(path), timeout)


def living(record: Mapping[str, float]) -> psutil.Process | None:
    """The process of a record, unless it has ended or its pid is someone else's by now."""
    try:
        process = psutil.Process(int(record["pid"]))
        same = abs(process.create_time() - record["born"]) < BIRTH_TOLERANCE
    except (KeyError, psutil.NoSuchProcess):
        return None
    return process if same and _alive(process) else None


def _alive(process: psutil.Process) -> bool:
    """A zombie is not: it stays until its parent looks, and in a container that may be never."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end(path: Path, record: Mapping[str, float], timeout: float) -> bool:
    process = living(record)
    if process is not None:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(int(record["signal"]))
            if not _ends(process, timeout):
                process.kill()
                _ends(process, timeout)
    path.unlink(missing_ok=True)
    return process is not None


def _ends(process: psutil.Process, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while _alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
