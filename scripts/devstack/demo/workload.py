"""A service that exports metrics and fails when told to: POST /fail and POST /heal, GET /metrics."""

import argparse
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from scripts.devstack.ports import HOST

POOL_SIZE = 20
EXPOSITION = """\
# HELP http_requests_total Requests answered, by status code.
# TYPE http_requests_total counter
http_requests_total{{code="200"}} {answered:.0f}
http_requests_total{{code="500"}} {failed:.0f}
# HELP db_pool_connections_in_use Database connections lent out.
# TYPE db_pool_connections_in_use gauge
db_pool_connections_in_use {in_use}
# HELP db_pool_connections_max Database connections there are.
# TYPE db_pool_connections_max gauge
db_pool_connections_max {pool}
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Requests per second by outcome, and connections in use."""

    answered: float
    failed: float
    in_use: int


HEALTHY: Final = Load(answered=50, failed=0.02, in_use=6)
FAILING: Final = Load(answered=30, failed=9, in_use=POOL_SIZE)


class Workload:
    """Counters that grow with time at the rates of the present load."""

    def __init__(self, load: Load, clock: Callable[[], float]) -> None:
        self._load, self._clock = load, clock
        self._answered = self._failed = 0.0
        self._counted_at = clock()
        self._lock = threading.Lock()

    def become(self, load: Load) -> None:
        with self._lock:
            self._count()
            self._load = load

    def metrics(self) -> str:
        """The counters and gauges in Prometheus' text format."""
        with self._lock:
            self._count()
            return EXPOSITION.format(
                answered=self._answered, failed=self._failed, in_use=self._load.in_use, pool=POOL_SIZE
            )

    def _count(self) -> None:
        now = self._clock()
        seconds, self._counted_at = now - self._counted_at, now
        self._answered += self._load.answered * seconds
        self._failed += self._load.failed * seconds


class Handler(BaseHTTPRequestHandler):
    """Speaks for the server's workload."""

    server: "Server"

    def do_GET(self) -> None:
        found = self.path == "/metrics"
        self._answer(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, self.server.workload.metrics() if found else "")

    def do_POST(self) -> None:
        load = {"/fail": FAILING, "/heal": HEALTHY}.get(self.path)
        if load:
            self.server.workload.become(load)
        self._answer(HTTPStatus.NO_CONTENT if load else HTTPStatus.NOT_FOUND, "")

    def log_message(self, *_: object) -> None:
        """A scrape a second is not worth a line."""

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Serves one workload on 127.0.0.1."""

    daemon_threads = True

    def __init__(self, port: int, workload: Workload) -> None:
        super().__init__((HOST, port), Handler)
        self.workload = workload


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    with Server(port, Workload(FAILING, time.monotonic)) as server:
        print(f"ready http://{HOST}:{port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
