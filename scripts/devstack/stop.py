"""Ends a stack that ./scripts/start began, in the foreground or not, and whatever a crash left of it."""

import argparse
import sys
from pathlib import Path

from scripts.devstack.orphans import end_supervisor, sweep
from scripts.devstack.state import DEFAULT_STATE, State


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/stop", description=__doc__)
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE, help="the stack's directory")
    state = State.open(parser.parse_args(arguments).state)
    had_supervisor = end_supervisor(state)
    left_over = sweep(state)
    if left_over:
        print(f"Ended {', '.join(left_over)}, left over from a crash.")
    print("Stopped." if had_supervisor or left_over else "Nothing was running.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
