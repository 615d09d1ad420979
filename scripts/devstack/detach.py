"""The stack in the background: returns when it is ready, showing its progress until then."""

import os
import select
import subprocess
import sys
from collections.abc import Sequence
from typing import TextIO

from scripts.devstack.state import REPOSITORY, State

POLL_INTERVAL = 0.1  # seconds


def detach(state: State, arguments: Sequence[str], screen: TextIO = sys.stdout) -> int:
    """Runs the stack with these arguments in a session of its own; 0 when it is ready, else its exit code."""
    ready, report = os.pipe()
    log = state.logs / "supervisor.log"
    command = [sys.executable, "-m", "scripts.devstack", *arguments, "--ready-descriptor", str(report)]
    colour = {"FORCE_COLOR": "1"} if screen.isatty() else {}
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=os.environ | colour,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[report],
        )
    os.close(report)
    try:
        with log.open() as progress:
            while not select.select([ready], [], [], POLL_INTERVAL)[0]:
                _copy(progress, screen)
            is_up = os.read(ready, 1) != b""
            code = 0 if is_up else supervisor.wait()
            _copy(progress, screen)
            return code
    except KeyboardInterrupt:
        supervisor.terminate()
        return supervisor.wait()


def _copy(source: TextIO, target: TextIO) -> None:
    target.write(source.read())
    target.flush()
