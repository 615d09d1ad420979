"""Child processes that serve: start, wait until ready, stop."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Self, TypedDict

import psutil

from scripts.devstack.state import REPOSITORY, State, write_private

TAIL_LINES = 20
START_TIMEOUT = 60.0  # seconds
POLL_INTERVAL = 0.05  # seconds


class Credentials(TypedDict, total=False):
    """Arguments of Popen that say as whom to run; none of them: as ourselves."""

    user: int
    group: int
    extra_groups: list[int]


class ServiceFailed(Exception):
    """A service ended, or did not become ready; carries the end of its log."""

    def __init__(self, name: str, reason: str, log: Path) -> None:
        super().__init__(f"{name} {reason}. The end of {log}:\n{tail(log)}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Service:
    """A child process and how to reach it."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path
    pidfile: Path
    is_ready: Callable[[], bool] = field(repr=False)
    stop_signal: signal.Signals = signal.SIGTERM

    def is_up(self) -> bool:
        """Whether it is ready by now.

        Raises:
            ServiceFailed: it ended before.

        """
        code = self.process.poll()
        if self.is_ready():
            return True
        if code is not None:
            self.pidfile.unlink(missing_ok=True)
            raise ServiceFailed(self.name, f"ended with {code} while starting", self.log)
        return False

    def await_ready(self, timeout: float = START_TIMEOUT) -> Self:
        """Itself, once it is up; `timeout` in seconds.

        Raises:
            ServiceFailed: it ended or was not ready in time; it is stopped then.

        """
        deadline = time.monotonic() + timeout
        while not self.is_up():
            if time.monotonic() > deadline:
                self.stop()
                raise ServiceFailed(self.name, f"was not ready in {timeout:.0f} s", self.log)
            time.sleep(POLL_INTERVAL)
        return self

    def stop(self, timeout: float = 15) -> None:
        """Asks the process to end and waits; killed after `timeout` seconds. Harmless when it has ended already."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.pidfile.unlink(missing_ok=True)


def launch(
    state: State,
    name: str,
    command: Sequence[str | Path],
    *,
    url: str,
    is_ready: Callable[[subprocess.Popen[bytes]], bool] | None = None,
    environment: Mapping[str, str] | None = None,
    working_directory: Path = Path("/"),
    become: Sequence[str] = (),
    credentials: Credentials | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Service:
    """Starts a child in a session of its own, so that Ctrl-C reaches only us and we stop it in order.

    `become` are words before the command that change identity; `environment` replaces ours when given.
    Without `is_ready`, a line that starts with "ready" is awaited in the log.

    Raises:
        RuntimeError: called outside the main thread.

    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("The parent-death signal follows the starting thread: launch from the main thread.")
    log = state.logs / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    # After the change of identity, which clears the signal.
    words = [*become, *_with_parent(stop_signal), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=working_directory,
            start_new_session=True,
            **(credentials or {}),
        )
    pidfile = state.pidfiles / f"{name}.json"
    write_pidfile(pidfile, process.pid, stop_signal)
    return Service(
        name,
        url,
        process,
        log,
        pidfile,
        is_ready=lambda: is_ready(process) if is_ready else _says_ready(log),
        stop_signal=stop_signal,
    )


def launch_module(
    state: State,
    module: str,
    words: Sequence[str | Path],
    *,
    url: str,
    settings: Mapping[str, str] | None = None,
    is_ready: Callable[[subprocess.Popen[bytes]], bool] | None = None,
) -> Service:
    """Starts one of this repository's modules, named after its last part, with `settings` added to our environment."""
    return launch(
        state,
        module.rpartition(".")[2],
        [sys.executable, "-m", module, *words],
        url=url,
        is_ready=is_ready,
        # Unbuffered, so that the log holds a crash's last words.
        environment=os.environ | (settings or {}) | {"PYTHONUNBUFFERED": "1"},
        working_directory=REPOSITORY,
    )


def write_pidfile(path: Path, pid: int, stop_signal: signal.Signals) -> None:
    """Records a process by pid and birth, which together are never reused."""
    born = 0.0
    with suppress(psutil.NoSuchProcess):
        born = psutil.Process(pid).create_time()
    write_private(path, json.dumps({"pid": pid, "born": born, "signal": int(stop_signal)}))


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, indented; a note when there are none."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:] or ["(empty)"])


def package_folder(name: str, *, instead: str) -> Path:
    """Where a package lies, without importing it: both binary packages do at import what nobody here needs.

    Raises:
        RuntimeError: not installed; names the variable `instead` that makes it unnecessary.

    """
    package = find_spec(name)
    if package is None or not package.submodule_search_locations:
        raise RuntimeError(f"The package {name} is missing: run `uv sync`, or set {instead}.")
    return Path(package.submodule_search_locations[0])


def clean_environment(*, without: str) -> dict[str, str]:
    """Our environment without the variables whose names start with `without`."""
    return {name: value for name, value in os.environ.items() if not name.startswith(without)}


def _says_ready(log: Path) -> bool:
    return any(line.startswith("ready") for line in log.read_text(errors="replace").splitlines())


def _with_parent(sent: signal.Signals) -> tuple[str, ...]:
    """Words that make the kernel signal a child when we die, even by kill -9; none where the tool is missing."""
    tool = shutil.which("setpriv")
    return (tool, "--pdeathsig", sent.name.removeprefix("SIG"), "--") if tool else ()
