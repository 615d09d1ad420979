"""Runs the whole product on this machine, without Docker.

Set DATABASE_URL (of a role that may create roles), REDIS_URL, AzureWebJobsStorage or WebPubSubConnectionString to use
a service of your own instead of the embedded one.
"""

import argparse
import sys
from pathlib import Path

from scripts.devstack.detach import detach
from scripts.devstack.progress import Progress
from scripts.devstack.state import DEFAULT_STATE, State


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./scripts/start", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--demo", action="store_true", help="also run Prometheus, AlertManager and a failing workload")
    parser.add_argument("--detach", action="store_true", help="return when all is ready; ./scripts/stop ends it")
    parser.add_argument("--port", type=int, default=7071, help="of the API (default: %(default)s)")
    parser.add_argument(
        "--state", type=Path, default=DEFAULT_STATE, help="directory of data, logs and secrets: one a stack"
    )
    parser.add_argument("--ready-descriptor", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.detach:
        rest = [word for word in arguments if word != "--detach"]
        return detach(State.open(options.state), rest)
    # Not needed by who only detaches, and it takes half a second.
    from scripts.devstack.supervisor import Options, run  # noqa: PLC0415

    return run(Options(options.state, options.port, options.demo, options.ready_descriptor), Progress())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
