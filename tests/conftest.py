"""Real services for tests: started when first asked for, once per run, shared by xdist's workers."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.devstack.azurite import launch_azurite
from scripts.devstack.postgres import launch_postgres
from scripts.devstack.redis import launch_redis
from scripts.devstack.services import Service
from scripts.devstack.state import State

LAUNCHERS: dict[str, Callable[[State], Service]] = {
    "postgres": lambda state: launch_postgres(state, durable=False),
    "redis": lambda state: launch_redis(state, durable=False),
    "storage": lambda state: launch_azurite(state, durable=False),
}


class Services:
    """URLs of the run's services."""

    def __init__(self, urls: dict[str, str] | None = None) -> None:
        self._urls = urls or {}
        self._running = ExitStack()
        self._state: State | None = None

    def url(self, name: str) -> str:
        if name not in self._urls:
            if self._state is None:
                folder = self._running.enter_context(tempfile.TemporaryDirectory(prefix="srecopilot-"))
                self._state = State.open(Path(folder))
            service = LAUNCHERS[name](self._state)
            self._running.callback(service.stop)
            self._urls[name] = service.await_ready().url
        return self._urls[name]

    def stop(self) -> None:
        self._running.close()


SERVICES = pytest.StashKey[Services]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVICES] = Services(getattr(config, "workerinput", {}).get("services"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Runs in xdist's controller before a worker starts: a service must not die with the worker that came first."""
    services = node.config.stash[SERVICES]  # type: ignore[attr-defined]  # xdist ships no types for its nodes
    node.workerinput["services"] = {name: services.url(name) for name in LAUNCHERS}  # type: ignore[attr-defined]  # as above


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVICES].stop()


@pytest.fixture(scope="session")
def services(pytestconfig: pytest.Config) -> Services:
    return pytestconfig.stash[SERVICES]


@pytest.fixture(scope="session")
def postgres_url(services: Services) -> str:
    """The owner's URL, a superuser; make a database of your own, for others run beside you."""
    return services.url("postgres")


@pytest.fixture(scope="session")
def redis_url(services: Services) -> str:
    """Database 0 of a server that all tests of this run share: prefix your keys."""
    return services.url("redis")


@pytest.fixture(scope="session")
def storage(services: Services) -> str:
    """A connection string of Azurite; prefix your queues and tables."""
    return services.url("storage")
