"""The whole stack: services, schema, Functions host. Started in the order of need, stopped in reverse."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from scripts.devstack import environment as env
from scripts.devstack.azurite import launch_azurite
from scripts.devstack.ports import HOST, free_port
from scripts.devstack.postgres import launch_postgres
from scripts.devstack.progress import Progress
from scripts.devstack.redis import launch_redis
from scripts.devstack.services import Service, ServiceFailed, launch_module
from scripts.devstack.state import REPOSITORY, State

WATCH_INTERVAL = 0.25  # seconds


@dataclass
class Stack:
    """What runs, in order of its start."""

    state: State
    progress: Progress
    _running: list[tuple[Service, float]] = field(default_factory=list)
    _ready: int = 0

    def add(self, service: Service) -> str:
        """Takes charge of a service just launched; its URL."""
        self._running.append((service, time.monotonic()))
        return service.url

    def await_ready(self) -> None:
        """Waits for all that were added since the last call, which start beside each other."""
        # In reverse, for the slowest is launched first and each time is taken when the turn comes.
        for service, since in reversed(self._running[self._ready :]):
            with self.progress.step(TITLES.get(service.name, service.name), since=since):
                service.await_ready()
        self._ready = len(self._running)

    def watch(self) -> None:
        """Returns only by exception, when a service ends.

        Raises:
            ServiceFailed: the first that ended.

        """
        while True:
            for service, _ in self._running:
                if (code := service.process.poll()) is not None:
                    raise ServiceFailed(service.name, f"ended by itself with {code}", service.log)
            time.sleep(WATCH_INTERVAL)

    def stop(self) -> None:
        while self._running:
            service, _ = self._running.pop()
            service.stop()


TITLES = {
    "azurite": "Azurite (storage)",
    "redis": "Valkey (Redis)",
    "postgres": "PostgreSQL",
    "webpubsub": "Web PubSub stand-in",
    "functions_host": "Functions host",
    "prometheus": "Prometheus",
    "alertmanager": "AlertManager",
    "workload": "Demo workload",
}


def start_services(stack: Stack, given: Mapping[str, str]) -> env.Addresses:
    """Starts each service that `given`, the environment, does not name."""
    state = stack.state
    # Slowest first; PostgreSQL's first start blocks for a second while the others boot.
    storage = given.get(env.STORAGE) or stack.add(launch_azurite(state, durable=True))
    redis = given.get(env.REDIS_URL) or stack.add(launch_redis(state, durable=True))
    database = given.get(env.DATABASE_URL) or stack.add(launch_postgres(state, durable=True))
    stack.await_ready()
    webpubsub = given.get(env.WEBPUBSUB) or stack.add(launch_webpubsub(state, redis))
    return env.Addresses(owner_database=database, redis=redis, storage=storage, webpubsub=webpubsub)


def launch_webpubsub(state: State, redis: str) -> Service:
    port = free_port()
    key = state.secret("webpubsub")
    return launch_module(
        state,
        "scripts.devstack.webpubsub",
        ["--port", str(port)],
        url=f"Endpoint=http://{HOST}:{port};AccessKey={key};Version=1.0;",
        settings={"REDIS_URL": redis, "WEBPUBSUB_ACCESS_KEY": key},
    )


def launch_functions_host(state: State, settings: Mapping[str, str], *, port: int) -> Service:
    """The Functions host serving this repository's app; its URL is the API's."""
    return launch_module(
        state,
        "scripts.devstack.functions_host",
        ["--app", REPOSITORY, "--port", str(port), "--state", state.data / "functions_host"],
        url=env.api_url(port),
        settings=settings,
    )


def migrate(state: State, settings: Mapping[str, str]) -> None:
    """Brings roles, schema, queues and tables up to date.

    Raises:
        ServiceFailed: with the end of its log.

    """
    log = state.logs / "migrate.log"
    with log.open("wb") as output:
        ended = subprocess.run(
            [sys.executable, "-m", "scripts.migrate"],
            check=False,
            env=os.environ | settings,
            cwd=REPOSITORY,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if ended.returncode:
        raise ServiceFailed("migrate", f"ended with {ended.returncode}", log)
