"""The host as a whole: what each function becomes, and the order of starting and stopping."""

import asyncio
import logging
import re
from collections.abc import Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from scripts.devstack.functions_host.admin import Admin
from scripts.devstack.functions_host.app import Function
from scripts.devstack.functions_host.background import Background
from scripts.devstack.functions_host.cors import Cors
from scripts.devstack.functions_host.dispatcher import Dispatcher
from scripts.devstack.functions_host.front import DEFAULT_BODY_LIMIT, Endpoint, Front
from scripts.devstack.functions_host.host_json import HostOptions
from scripts.devstack.functions_host.keys import Keys
from scripts.devstack.functions_host.queues import POISON_SUFFIX, QueueListener
from scripts.devstack.functions_host.routes import RESERVED, Route, hidden
from scripts.devstack.functions_host.schedule import Schedule
from scripts.devstack.functions_host.settings import AppSettings, SettingError
from scripts.devstack.functions_host.storage import Storage
from scripts.devstack.functions_host.timers import StatusFile, Timer

logger = logging.getLogger(__name__)

GRACE: Final = 10.0
QUEUE_LEASE: Final = 600

_NAME: Final = re.compile(r"(?!host$)[a-z][a-z0-9_-]{0,127}", re.IGNORECASE)
_BINDINGS: Final = frozenset({"httpTrigger", "http", "queueTrigger", "queue", "timerTrigger"})


class Host:
    """Serves indexed functions. One that cannot be served is reported and left out; the others go on, as in Azure."""

    def __init__(
        self,
        functions: Sequence[Function],
        settings: AppSettings,
        options: HostOptions,
        *,
        state: Path,
        cors: Cors | None = None,
        keys: Keys | None = None,
        queue_lease: int = QUEUE_LEASE,
        grace: float = GRACE,
    ) -> None:
        """Plan what to serve, on a running loop; nothing is connected yet.

        `state` is a folder for what timers remember, `keys` None leaves every function open, `queue_lease` is how many
        seconds a fetched message stays invisible, and `grace` how many seconds runs have to end when the host stops.
        """
        self._settings = settings
        self._options = options
        self._state = state
        self._queue_lease = queue_lease
        self._grace = grace
        self._stop = asyncio.Event()
        self._background = Background()
        self._storage = Storage(settings)
        self._dispatcher = Dispatcher(
            self._storage,
            timeout=options.function_timeout,
            encoding=options.extensions.queues.message_encoding,
        )
        self._endpoints: list[Endpoint] = []
        self._listeners: list[QueueListener] = []
        self._timers: list[Timer] = []
        self.errors: dict[str, str] = {}
        """Why a function is not served, by name."""
        for function in functions:
            try:
                self._add(function)
            except ValueError as error:
                logger.error("Function '%s' is not served: %s", function.name, error)  # noqa: TRY400 - the app's mistake
                self.errors[function.name] = str(error)
        front = self._front(functions, cors or Cors(), keys)
        # Bodies stay as they were sent: the Functions host does not decompress them.
        server = web.Server(front, access_log=None, auto_decompress=False)
        self._runner = web.ServerRunner(server, shutdown_timeout=grace)

    async def start(self, host: str, port: int) -> str:
        """Listen and begin to poll and to keep time. Port 0 takes a free one. Returns the URL.

        Raises OSError when the port is taken.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        for listener in self._listeners:
            self._background.start(listener.listen(self._stop))
        for timer in self._timers:
            self._background.start(timer.keep_time(self._stop))
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Take nothing new, let runs in flight end within the grace time, and cancel the rest."""
        self._stop.set()
        await asyncio.gather(self._runner.cleanup(), self._background.drain(self._grace))
        await self._storage.close()

    def _add(self, function: Function) -> None:
        """Raises ValueError when the function cannot be served."""
        if not _NAME.fullmatch(function.name):
            raise SettingError(f"'{function.name}' is not a valid function name.")
        if unknown := {binding["type"] for binding in function.bindings} - _BINDINGS:
            raise SettingError(f"This host has no bindings of type {', '.join(sorted(unknown))}.")
        for output in function.queue_outputs:
            self._storage.queue(output.get("connection", ""), output["queueName"])
        is_enabled = not self._settings.is_disabled(function.name)
        match function.trigger["type"]:
            case "httpTrigger":
                self._endpoints.append(self._endpoint(function))
            case "queueTrigger" if is_enabled:
                self._listeners.append(self._listener(function))
            case "timerTrigger" if is_enabled:
                self._timers.append(self._timer(function))

    def _endpoint(self, function: Function) -> Endpoint:
        trigger = function.trigger
        template = self._settings.resolve(trigger.get("route") or function.name).strip("/")
        if template.lower().startswith(RESERVED):
            raise SettingError("The specified route conflicts with one or more built in routes.")
        prefix = self._options.extensions.http.route_prefix.strip("/")
        return Endpoint(
            function=function,
            route=Route(f"{prefix}/{template}", trigger.get("methods") or ()),
            auth_level=trigger.get("authLevel", "function"),
            is_disabled=self._settings.is_disabled(function.name),
        )

    def _listener(self, function: Function) -> QueueListener:
        connection = function.trigger.get("connection", "")
        queue = self._storage.queue(connection, function.trigger["queueName"])
        is_poison = queue.queue_name.endswith(POISON_SUFFIX)
        return QueueListener(
            function,
            queue,
            None if is_poison else self._storage.queue(connection, queue.queue_name + POISON_SUFFIX),
            self._dispatcher,
            self._background,
            self._options.extensions.queues,
            self._queue_lease,
        )

    def _timer(self, function: Function) -> Timer:
        schedule = Schedule(self._settings.resolve(function.trigger["schedule"]), self._zone())
        return Timer(function, schedule, self._dispatcher, StatusFile(self._state / "timers" / f"{function.name}.json"))

    def _zone(self) -> tzinfo:
        """UTC as in Azure, whatever the machine's own zone is, unless the app's settings name another."""
        name = self._settings.get("WEBSITE_TIME_ZONE")
        try:
            return ZoneInfo(name) if name else UTC
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingError(f"WEBSITE_TIME_ZONE '{name}' is not a time zone.") from error

    def _front(self, functions: Sequence[Function], cors: Cors, keys: Keys | None) -> Front:
        admin = Admin(
            functions,
            disabled=frozenset(function.name for function in functions if self._settings.is_disabled(function.name)),
            errors=self.errors,
            urls={endpoint.function.name: f"/{endpoint.route.template}" for endpoint in self._endpoints},
            dispatcher=self._dispatcher,
            background=self._background,
        )
        endpoints = sorted(self._endpoints, key=lambda endpoint: endpoint.function.name.upper())
        for winner, loser in hidden([(endpoint.function.name, endpoint.route) for endpoint in endpoints]):
            logger.warning("Function '%s' takes requests that '%s' matches too: its name sorts first.", winner, loser)
        return Front(
            endpoints,
            self._dispatcher,
            admin,
            cors=cors,
            keys=keys,
            body_limit=_body_limit(self._settings),
            has_home_page=(self._settings.get("AzureWebJobsDisableHomepage") or "").lower() != "true",
        )


def _body_limit(settings: AppSettings) -> int:
    text = settings.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT") or str(DEFAULT_BODY_LIMIT)
    if not text.isdecimal():
        raise SettingError(f"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT '{text}' is not a number of bytes.")
    return int(text)
