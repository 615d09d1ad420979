"""Runs the whole product on this machine, without Docker.

Set DATABASE_URL (of a role that may create roles), REDIS_URL, AzureWebJobsStorage or WebPubSubConnectionString to use
a service of your own instead of the embedded one.
"""

import argparse
import sys
from pathlib import Path

from scripts.devstack.detach import detach
from scripts.devstack.ports import free_port
from scripts.devstack.progress import Progress
from scripts.devstack.state import DEFAULT_STATE, State

API_PORT = 7071
APP_PORT = 5173


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./scripts/start", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--demo", action="store_true", help="also run Prometheus, AlertManager and a failing workload")
    parser.add_argument("--dev", action="store_true", help="serve the app's sources: a page changes as they do")
    parser.add_argument("--detach", action="store_true", help="return when all is ready; ./scripts/stop ends it")
    parser.add_argument("--port", type=int, default=API_PORT, help="of the API (default: %(default)s)")
    parser.add_argument("--app-port", type=int, help="of the app (default: 5173; beside another --port, a free one)")
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

    app_port = options.app_port or (APP_PORT if options.port == API_PORT else free_port())
    asked = Options(options.state, options.port, app_port, options.demo, options.dev, options.ready_descriptor)
    return run(asked, Progress())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
