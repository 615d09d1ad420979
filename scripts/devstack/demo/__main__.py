"""Makes the demo workload of a running stack fail, or heals it.

Without real monitoring, posts what an AlertManager once sent instead.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx

from scripts.devstack.demo.replay import replay
from scripts.devstack.demo_tenant import SeedFailed
from scripts.devstack.state import DEFAULT_STATE, State, read_json

PAST = {"fail": "fails", "heal": "is healing"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./scripts/demo", description=__doc__)
    parser.add_argument("action", choices=PAST)
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE, help="the stack's directory")
    options = parser.parse_args()
    state = State.open(options.state)
    demo = read_json(state.demo)
    try:
        if monitoring := demo.get("monitoring"):
            httpx.post(f"{monitoring['workload']}/{options.action}", timeout=5).raise_for_status()
            print(f"The workload {PAST[options.action]}. Alerts follow within seconds.")
        else:
            _replay(state, demo, options.action)
            print("Posted a captured notification, for Prometheus and AlertManager do not run here.")
    except (httpx.HTTPError, SeedFailed, KeyError) as error:
        print(f"error: {error or type(error).__name__}\nIs the stack up? ./scripts/start --demo", file=sys.stderr)
        return 1
    return 0


def _replay(state: State, demo: dict[str, str], action: str) -> None:
    """A `heal` ends the episode that the last `fail` began, so its time is kept between the two."""
    fired = state.data / "replayed-at"
    now = datetime.now(UTC)
    if action == "fail":
        replay(demo["api"], demo["ingest_token"], "firing", began=now)
        fired.write_text(now.isoformat())
    elif fired.exists():
        began = datetime.fromisoformat(fired.read_text())
        replay(demo["api"], demo["ingest_token"], "resolved", began=began, ended=now)


if __name__ == "__main__":
    sys.exit(main())
