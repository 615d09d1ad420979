"""A demo tenant in a deployment that somebody else runs: made once, found again afterwards."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from scripts.devstack.demo.replay import replay
from scripts.devstack.demo_tenant import SeedFailed, ensure_demo_tenant
from scripts.devstack.state import State, write_private


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="infra/hooks/seed-demo.sh", description=__doc__)
    parser.add_argument("api", help="address of the API, as in https://api.example.com/api")
    parser.add_argument("--state", type=Path, required=True, help="folder that keeps the demo tenant's password")
    given = parser.parse_args(arguments)
    try:
        state = State.open(given.state)
        tenant = ensure_demo_tenant(state, given.api)
        write_private(state.demo, json.dumps(asdict(tenant)))
        replay(given.api, tenant.ingest_token, "firing", began=datetime.now(UTC))
    except SeedFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"Sign in as {tenant.email} with the password {tenant.password}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
