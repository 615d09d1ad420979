import threading
from collections.abc import Iterator

import httpx
import pytest

from scripts.devstack.demo.workload import FAILING, HEALTHY, Server, Workload
from scripts.devstack.ports import HOST, free_port


class Clock:
    """A clock that moves when told, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workload(clock: Clock) -> Workload:
    return Workload(HEALTHY, clock)


@pytest.fixture
def url(workload: Workload) -> Iterator[str]:
    port = free_port()
    with Server(port, workload) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://{HOST}:{port}"
        server.shutdown()
        thread.join()


def samples(text: str) -> dict[str, float]:
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_counters_grow_at_the_rates_of_each_load_and_never_fall(workload: Workload, clock: Clock) -> None:
    clock.now = 10.0
    workload.become(FAILING)
    clock.now = 20.0
    workload.become(HEALTHY)

    assert samples(workload.metrics()) == {
        'http_requests_total{code="200"}': 10 * HEALTHY.answered + 10 * FAILING.answered,
        'http_requests_total{code="500"}': round(10 * HEALTHY.failed + 10 * FAILING.failed),
        "db_pool_connections_in_use": HEALTHY.in_use,
        "db_pool_connections_max": 20,
    }


def test_it_fails_and_heals_over_http(url: str) -> None:
    assert httpx.post(f"{url}/fail").status_code == 204
    assert samples(httpx.get(f"{url}/metrics").text)["db_pool_connections_in_use"] == FAILING.in_use

    assert httpx.post(f"{url}/heal").status_code == 204
    assert samples(httpx.get(f"{url}/metrics").text)["db_pool_connections_in_use"] == HEALTHY.in_use


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/explode"), ("GET", "/fail")])
def test_anything_else_is_not_found(url: str, method: str, path: str) -> None:
    assert httpx.request(method, url + path).status_code == 404
