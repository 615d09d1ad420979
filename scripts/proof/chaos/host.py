"""`python -m scripts.proof.chaos.host`: the Functions host, which dies as by kill -9 where a file tells it to.

`CHAOS_TRAP` names that file; it holds the name of a crash point. With `CHAOS_HURRY` the product waits less long for
what others may still do.
"""

import os
import signal
import sys
from pathlib import Path

from scripts.devstack.functions_host.__main__ import main
from scripts.proof.chaos.hurry import hurry
from shared.platform import faults

TRAP = "CHAOS_TRAP"
HURRY = "CHAOS_HURRY"


def die_as_told(point: str) -> None:
    """Die at this point, if the file says so; it says so to one process only."""
    trap = Path(os.environ[TRAP])
    if trap.exists() and trap.read_text() == point:
        trap.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    faults.arm(die_as_told)
    if os.environ.get(HURRY):
        hurry()
    sys.exit(main())
