import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from scripts.devstack.orphans import living, sweep
from scripts.devstack.services import write_pidfile
from scripts.devstack.state import State

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path)


def test_what_a_crash_left_is_ended_and_its_pidfile_removed(state: State) -> None:
    orphan = subprocess.Popen(SLEEPS)
    write_pidfile(state.pidfiles / "redis.json", orphan.pid, signal.SIGTERM)

    assert sweep(state) == ["redis"]

    assert orphan.wait(5) == -signal.SIGTERM
    assert list(state.pidfiles.iterdir()) == []


def test_an_orphan_that_will_not_end_is_killed(state: State) -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE) as orphan:
        assert orphan.stdout is not None
        orphan.stdout.readline()
        write_pidfile(state.pidfiles / "redis.json", orphan.pid, signal.SIGTERM)

        sweep(state, timeout=0.1)

        assert orphan.wait(5) == -signal.SIGKILL


def test_the_youngest_ends_first(state: State) -> None:
    orphans = {name: subprocess.Popen(SLEEPS) for name in ("postgres", "functions_host")}
    for age, (name, orphan) in enumerate(orphans.items()):
        path = state.pidfiles / f"{name}.json"
        write_pidfile(path, orphan.pid, signal.SIGTERM)
        record = json.loads(path.read_text())
        # Well inside the tolerance for births, and enough to tell the two apart.
        path.write_text(json.dumps(record | {"born": record["born"] + age / 2}))

    assert sweep(state) == ["functions_host", "postgres"]

    for orphan in orphans.values():
        orphan.wait(5)


def test_a_process_that_got_the_pid_of_a_dead_service_is_left_alone(state: State) -> None:
    record = {"pid": os.getpid(), "born": psutil.Process().create_time() - 3600, "signal": signal.SIGKILL}
    (state.pidfiles / "redis.json").write_text(json.dumps(record))

    assert sweep(state) == []

    assert list(state.pidfiles.iterdir()) == []


def test_a_zombie_is_not_alive() -> None:
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    born = psutil.Process(zombie.pid).create_time()
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)

    assert living({"pid": zombie.pid, "born": born}) is None

    zombie.wait()


def test_an_unreadable_pidfile_is_removed(state: State) -> None:
    (state.pidfiles / "redis.json").write_text("{")

    assert sweep(state) == []

    assert list(state.pidfiles.iterdir()) == []
