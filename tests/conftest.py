"""Real services for tests: started when first asked for, once per run, shared by xdist's workers."""

import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from scripts.devstack.azurite import launch_azurite
from scripts.devstack.environment import WEBPUBSUB
from scripts.devstack.ports import free_port
from scripts.devstack.postgres import launch_postgres
from scripts.devstack.redis import launch_redis
from scripts.devstack.services import Service, launch_module
from scripts.devstack.state import State, read_json
from tests.live_events import LiveEvents

pytest_plugins = ["tests.fixtures", "tests.figures"]

# How long something takes says nothing about it on a machine that runs three tests at once.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")

LAUNCHERS: dict[str, Callable[[State], Service]] = {
    "postgres": lambda state: launch_postgres(state, durable=False),
    "redis": lambda state: launch_redis(state, durable=False),
    "storage": lambda state: launch_azurite(state, durable=False),
}
STACK_START = 180  # seconds; the first one may download the monitoring programs
STACK_MARKS = ("stack", "monitoring")


class Services:
    """URLs of the run's services."""

    def __init__(self, urls: dict[str, str] | None = None) -> None:
        self._urls = urls or {}
        self._running = ExitStack()

    def url(self, name: str) -> str:
        if name not in self._urls:
            folder = self._running.enter_context(tempfile.TemporaryDirectory(prefix="srecopilot-"))
            service = LAUNCHERS[name](State.open(Path(folder)))
            self._running.callback(service.stop)
            self._urls[name] = service.await_ready().url
        return self._urls[name]

    def beside(self) -> "Services":
        """The same services but for storage: the product's queues have fixed names, so two workers share no account."""
        mine = Services({name: self.url(name) for name in LAUNCHERS if name != "storage"})
        self._running.callback(mine.stop)
        return mine

    def stop(self) -> None:
        self._running.close()


SERVICES = pytest.StashKey[Services]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-all", action="store_true", help="a test that cannot run here is a failure")
    parser.addoption("--quick", action="store_true", help="without the tests that need the whole stack or monitoring")
    parser.addoption("--pairs", action="store_true", help="also the long enumerations of crashes")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVICES] = Services(getattr(config, "workerinput", {}).get("services"))


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVICES].stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Runs in xdist's controller before a worker starts: a service must not die with the worker that came first."""
    services = node.config.stash[SERVICES].beside()
    node.workerinput["services"] = {name: services.url(name) for name in LAUNCHERS}


@pytest.hookimpl(tryfirst=True)  # before xdist reads its groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sends the tests of the whole stack to one worker, which starts it once; leaves out what nobody asked for."""
    whole = [item for item in items if any(item.get_closest_marker(mark) for mark in STACK_MARKS)]
    for item in whole:
        item.add_marker(pytest.mark.xdist_group("stack"))
    pairs = [item for item in items if item.get_closest_marker("pairs")]
    left_out = [*(whole if config.getoption("quick") else []), *([] if config.getoption("pairs") else pairs)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(item.config, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(collector.config, report)
    return report


def _refuse_skip(config: pytest.Config, report: pytest.TestReport | pytest.CollectReport) -> None:
    if config.getoption("require_all") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        *_, reason = report.longrepr if isinstance(report.longrepr, tuple) else (report.longrepr,)
        report.longrepr = f"--require-all forbids it: {reason}"


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
    """A connection string of an Azurite of this process's own."""
    return services.url("storage")


@pytest.fixture(scope="session")
def live_events(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[LiveEvents]:
    state = State.open(tmp_path_factory.mktemp("live"))
    running = LiveEvents(state, redis_url, port=free_port(), api_port=free_port())
    yield running
    running.stop()


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, live_events: LiveEvents
) -> Iterator[dict[str, Any]]:
    """What demo.json says of a whole stack with its monitoring, which all tests share: make a tenant of your own."""
    if hasattr(request.config, "workerinput"):
        grouped = [item.nodeid.endswith("@stack") for item in request.session.items if item.get_closest_marker("stack")]
        assert all(grouped), "xdist does not group the tests of the stack: every worker would start one of its own"
    outer = State.open(tmp_path_factory.mktemp("supervisor"))
    inner = tmp_path_factory.mktemp("stack")
    supervisor = launch_module(
        outer,
        "scripts.devstack",
        ["--demo", "--state", inner, "--port", str(live_events.api_port)],
        url="",
        settings={WEBPUBSUB: live_events.connection_string},
        is_ready=lambda _: "SRE Copilot is ready" in (outer.logs / "devstack.log").read_text(),
    )
    try:
        supervisor.await_ready(STACK_START)
        yield read_json(inner / "demo.json")
    finally:
        supervisor.stop(timeout=60)


@pytest.fixture(scope="session")
def monitoring(stack: dict[str, Any]) -> dict[str, str]:
    """URLs of a real Prometheus, a real AlertManager and the workload they watch."""
    if stack["monitoring"] is None:
        pytest.skip("Prometheus and AlertManager cannot be had here: neither on PATH nor through apt")
    urls: dict[str, str] = stack["monitoring"]
    return urls
