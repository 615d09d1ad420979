"""Runs one process of the stand-in: `python -m scripts.devstack.webpubsub`."""

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from contextlib import suppress

from scripts.devstack.webpubsub.server import serve
from scripts.devstack.webpubsub.settings import EventHandler, Settings


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    parser = _parser(os.environ)
    options = parser.parse_args()
    try:
        settings = Settings(
            redis_url=options.redis_url,
            access_key=options.access_key,
            event_handler=EventHandler(options.event_handler, options.system_events, options.user_events)
            if options.event_handler
            else None,
        )
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(_run(settings, options.host, options.port))


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.devstack.webpubsub", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 is any free one")
    secrets = {
        "--redis-url": ("REDIS_URL", "redis://127.0.0.1:6379/0", "where the processes meet"),
        "--access-key": ("WEBPUBSUB_ACCESS_KEY", "", "of the connection string; at least 32 bytes"),
        "--event-handler": ("WEBPUBSUB_EVENT_HANDLER", "", "URL for client events; {hub} and {event} are filled in"),
    }
    for option, (variable, default, purpose) in secrets.items():
        parser.add_argument(option, default=environment.get(variable, default), help=f"{purpose}; or {variable}")
    parser.add_argument(
        "--system-events",
        type=_names,
        default="connected,disconnected",
        help="of connect, connected, disconnected",
    )
    parser.add_argument("--user-events", type=_names, default="*", help="their names, or * for all")
    return parser


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


async def _run(settings: Settings, host: str, port: int) -> None:
    """Serves until a signal comes."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 (a coroutine runs in a task)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        async with serve(settings, host=host, port=port) as url:
            print("ready", url, flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    main()
