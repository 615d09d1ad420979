"""The whole stack: services, schema, Functions host. Started in the order of need, stopped in reverse."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.devstack import environment as env
from scripts.devstack.azurite import launch_azurite
from scripts.devstack.ports import HOST, free_port
from scripts.devstack.postgres import launch_postgres
from scripts.devstack.progress import Progress
from scripts.devstack.redis import launch_redis
from scripts.devstack.services import POLL_INTERVAL, START_TIMEOUT, Service, ServiceFailed, launch_module
from scripts.devstack.state import REPOSITORY, State

WATCH_INTERVAL = 0.25  # seconds


@dataclass(frozen=True, slots=True)
class Starting:
    """A process that is not up yet; `since` is a monotonic time, `ends` tells a job from a service."""

    service: Service
    since: float
    ends: bool


@dataclass
class Stack:
    """What runs, in order of its start."""

    state: State
    progress: Progress
    _running: list[Service] = field(default_factory=list)
    _starting: list[Starting] = field(default_factory=list)

    def add(self, service: Service, *, ends: bool = False) -> str:
        """Takes charge of a process just launched; its URL."""
        self._running.append(service)
        self._starting.append(Starting(service, time.monotonic(), ends))
        return service.url

    def await_ready(self) -> None:
        """Waits for all that were added since the last call, which start beside each other.

        Raises:
            ServiceFailed: the first that ended, or was not ready in time.

        """
        deadline = time.monotonic() + START_TIMEOUT
        while self._starting:
            self.progress.pending(", ".join(TITLES[start.service.name] for start in self._starting))
            for start in [start for start in self._starting if start.service.is_up()]:
                self._starting.remove(start)
                self.progress.done(TITLES[start.service.name], start.since)
                if start.ends:
                    self._running.remove(start.service)
                    start.service.stop()
            if self._starting and time.monotonic() > deadline:
                late = self._starting[0].service
                raise ServiceFailed(late.name, f"was not ready in {START_TIMEOUT:.0f} s", late.log)
            time.sleep(POLL_INTERVAL)

    def watch(self) -> None:
        """Returns only by exception, when a service ends.

        Raises:
            ServiceFailed: the first that ended.

        """
        while True:
            for service in self._running:
                if (code := service.process.poll()) is not None:
                    raise ServiceFailed(service.name, f"ended by itself with {code}", service.log)
            time.sleep(WATCH_INTERVAL)

    def stop(self) -> None:
        while self._running:
            self._running.pop().stop()


TITLES = {
    "migrate": "Schema, queues, tables",
    "azurite": "Azurite (storage)",
    "redis": "Valkey (Redis)",
    "postgres": "PostgreSQL",
    "webpubsub": "Web PubSub stand-in",
    "mail_sink": "Mail sink",
    "functions_host": "Functions host",
    "app_server": "App server",
    "vite": "App (Vite)",
    "prometheus": "Prometheus",
    "alertmanager": "AlertManager",
    "workload": "Demo workload",
}


def start_services(stack: Stack, given: Mapping[str, str], *, port: int) -> env.Addresses:
    """Starts each service that `given`, the environment, does not name, and waits for them. `port` is the API's."""
    state = stack.state
    # The slowest first; PostgreSQL's first start blocks for a second while the others boot.
    storage = given.get(env.STORAGE) or stack.add(launch_azurite(state, durable=True))
    redis = given.get(env.REDIS_URL) or stack.add(launch_redis(state, durable=True))
    events = f"{env.api_url(port)}/realtime/events"
    webpubsub = given.get(env.WEBPUBSUB) or stack.add(launch_webpubsub(state, redis, events=events))
    database = given.get(env.DATABASE_URL) or stack.add(launch_postgres(state, durable=True))
    stack.await_ready()
    return env.Addresses(owner_database=database, redis=redis, storage=storage, webpubsub=webpubsub)


def launch_webpubsub(state: State, redis: str, *, events: str = "", port: int | None = None) -> Service:
    """The Web PubSub stand-in; its URL is a connection string. It tells `events`, a URL, who connects and leaves."""
    port = port or free_port()
    key = state.secret("webpubsub")
    return launch_module(
        state,
        "scripts.devstack.webpubsub",
        ["--port", str(port)],
        url=f"Endpoint=http://{HOST}:{port};AccessKey={key};Version=1.0;",
        settings={"REDIS_URL": redis, "WEBPUBSUB_ACCESS_KEY": key, "WEBPUBSUB_EVENT_HANDLER": events},
    )


def launch_mail_sink(state: State) -> Service:
    """A mail server that keeps all it gets in `state.mail`; its URL is what `SMTP_URL` takes."""
    port = free_port()
    words: list[str | Path] = ["--port", str(port), "--folder", state.mail]
    return launch_module(state, "scripts.devstack.mail_sink", words, url=f"smtp+plain://{HOST}:{port}")


def launch_functions_host(state: State, settings: Mapping[str, str], *, port: int) -> Service:
    """The Functions host serving this repository's app; its URL is the API's."""
    return launch_module(
        state,
        "scripts.devstack.functions_host",
        ["--app", REPOSITORY, "--port", str(port), "--state", state.data / "functions_host"],
        url=env.api_url(port),
        settings=settings,
    )


def launch_migration(state: State, settings: Mapping[str, str]) -> Service:
    """A job that brings roles, schema, queues and tables up to date and ends."""
    return launch_module(
        state, "scripts.migrate", [], url="", settings=settings, is_ready=lambda process: process.poll() == 0
    )
