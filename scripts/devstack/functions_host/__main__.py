"""`python -m scripts.devstack.functions_host --app DIR`: serve a function app until SIGINT or SIGTERM."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from azure_functions_runtime import get_threadpool_executor, invocation_id_cv

from scripts.devstack.functions_host.app import AppError, close_app, load_app
from scripts.devstack.functions_host.cors import Cors
from scripts.devstack.functions_host.host import QUEUE_LEASE, Host
from scripts.devstack.functions_host.host_json import read_host_options
from scripts.devstack.functions_host.keys import Keys
from scripts.devstack.functions_host.settings import AppSettings, SettingError, read_local_settings


def main() -> int:
    arguments = _parser().parse_args()
    _set_up_logging()
    try:
        asyncio.run(_serve(arguments))
    except (AppError, SettingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    _leave_stuck_threads_behind()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.devstack.functions_host",
        description="Serve an Azure function app for development: its HTTP, queue and timer functions. "
        "Prints one line, 'ready URL', when it listens. Ctrl-C or SIGTERM stops it.",
    )
    parser.add_argument("--app", type=Path, required=True, help="folder with function_app.py and host.json")
    parser.add_argument("--port", type=int, help="port to listen on; 0 takes a free one (default: 7071)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--enable-auth", action="store_true", help="ask for keys (kept in STATE/function-keys.json)")
    parser.add_argument("--state", type=Path, help="folder for timer statuses and keys (default: APP/.devstack)")
    parser.add_argument(
        "--queue-lease",
        type=int,
        default=QUEUE_LEASE,
        metavar="SECONDS",
        help=f"how long a queue message is hidden while it is handled; renewed at half (default: {QUEUE_LEASE})",
    )
    return parser


async def _serve(arguments: argparse.Namespace) -> None:
    """Serve until a signal. Raises AppError or SettingError when the app or the host cannot start."""
    app = arguments.app.resolve()
    state = (arguments.state or app / ".devstack").resolve()
    local = read_local_settings(app)
    os.environ.update(local.over(os.environ))
    os.environ.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
    settings = AppSettings(os.environ)
    options = read_host_options(app, settings)
    os.chdir(app)  # where Azure runs a function app
    functions = load_app(app)
    names = [function.name for function in functions]
    host = Host(
        functions,
        settings,
        options,
        state=state,
        cors=Cors.of(local.host),
        keys=Keys.at(state / "function-keys.json", names) if arguments.enable_auth else None,
        queue_lease=arguments.queue_lease,
    )
    signalled = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, signalled.set)
    try:
        url = await host.start(arguments.host, local.host.local_http_port if arguments.port is None else arguments.port)
        print(f"ready {url}", flush=True)
        await signalled.wait()
    except OSError as error:
        raise SettingError(f"cannot listen: {error.strerror}. Choose another port with --port.") from error
    finally:
        await host.stop()
        await close_app()


def _set_up_logging() -> None:
    """Log to stderr, with the invocation in which a line was written."""
    handler = logging.StreamHandler()
    handler.addFilter(_add_invocation)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s%(invocation)s %(message)s", handlers=[handler]
    )
    # One line for each call of a function and of the storage service otherwise.
    logging.getLogger("azure").setLevel(logging.WARNING)


def _add_invocation(record: logging.LogRecord) -> bool:
    invocation_id = invocation_id_cv.get()
    record.invocation = f" [{invocation_id}]" if invocation_id else ""
    return True


def _leave_stuck_threads_behind() -> None:
    """Python waits for executor threads at exit, but a synchronous function that hangs cannot be stopped."""
    if executor := get_threadpool_executor():
        executor.shutdown(wait=False, cancel_futures=True)
    last_resort = threading.Timer(1, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()


if __name__ == "__main__":
    sys.exit(main())
