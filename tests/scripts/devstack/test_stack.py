import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from scripts.devstack.demo_tenant import bearer, sample_notification
from scripts.devstack.orphans import living
from scripts.devstack.ports import HOST, free_port
from scripts.devstack.progress import Progress
from scripts.devstack.services import Service, ServiceFailed, launch
from scripts.devstack.stack import Stack, start_services
from scripts.devstack.state import REPOSITORY, State, read_json

SERVES = "import time; print('ready', flush=True); time.sleep(60)"
KEYS = {
    "api", "app", "email", "password", "project_id", "ingest_token", "api_key", "database_url", "system_database_url",
    "owner_database_url", "redis_url", "storage", "webpubsub", "monitoring",
}  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state")


def service(state: State, name: str, code: str) -> Service:
    return launch(state, name, [sys.executable, "-c", code], url=f"http://{name}")


def script(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REPOSITORY / "scripts" / name, *words], check=False, capture_output=True, text=True, timeout=300
    )


def until[T](condition: Callable[[], T], timeout: float = 20) -> T:
    """The condition's first true value; its last one when the time, in seconds, is up."""
    deadline = time.monotonic() + timeout
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return value


def test_services_stop_in_reverse_of_their_start_and_a_finished_job_is_forgotten(state: State) -> None:
    stack = Stack(state, Progress())
    names = ("redis", "webpubsub")
    processes = [service(state, name, SERVES) for name in names]
    for each in processes:
        stack.add(each)
    job = launch(state, "migrate", [sys.executable, "-c", ""], url="", is_ready=lambda process: process.poll() == 0)
    stack.add(job, ends=True)
    stack.await_ready()

    assert sorted(path.stem for path in state.pidfiles.iterdir()) == sorted(names)
    stack.stop()

    assert [each.process.returncode for each in processes] == [-signal.SIGTERM] * 2
    assert list(state.pidfiles.iterdir()) == []


def test_a_job_that_fails_stops_the_start(state: State) -> None:
    stack = Stack(state, Progress())
    failing = [sys.executable, "-c", "raise SystemExit('no such schema')"]
    stack.add(launch(state, "migrate", failing, url="", is_ready=lambda process: process.poll() == 0), ends=True)

    with pytest.raises(ServiceFailed, match=r"migrate ended with 1[\s\S]*no such schema"):
        stack.await_ready()


def test_a_service_that_ends_by_itself_is_reported_with_its_log(state: State) -> None:
    stack = Stack(state, Progress())
    stack.add(service(state, "redis", SERVES))
    stack.add(service(state, "azurite", "print('ready\\nout of disk'); raise SystemExit(7)"))
    stack.await_ready()

    with pytest.raises(ServiceFailed, match=r"azurite ended by itself with 7[\s\S]*out of disk"):
        stack.watch()

    stack.stop()


def test_a_service_of_ones_own_is_used_and_none_started(state: State) -> None:
    own = {
        "DATABASE_URL": "postgresql://me@db/sre",
        "REDIS_URL": "redis://cache/0",
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "WebPubSubConnectionString": "Endpoint=https://a.webpubsub.azure.com;AccessKey=k;Version=1.0;",
    }

    addresses = start_services(Stack(state, Progress()), own, port=7071)

    assert {addresses.owner_database, addresses.redis, addresses.storage, addresses.webpubsub} == set(own.values())
    assert list(state.pidfiles.iterdir()) == []


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        ended = script("start", "--state", tmp_path / "state", "--port", str(port))

    assert ended.returncode == 1
    assert f"Port {port} is taken" in ended.stdout
    assert "--port" in ended.stdout


@pytest.mark.stack
def test_it_starts_survives_kill_9_with_its_data_and_leaves_nothing_behind(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state")
    words = ("--detach", "--state", state.root, "--port", str(free_port()))
    first = script("start", *words)
    assert first.returncode == 0, first.stdout + first.stderr
    demo = read_json(state.demo)
    assert demo.keys() >= KEYS
    assert state.demo.stat().st_mode & 0o777 == 0o600
    post_alert(demo)
    incident = until(lambda: incidents(demo))[0]["id"]

    again = script("start", *words)
    assert (again.returncode, "already runs" in again.stdout) == (1, True)

    records = [read_json(path) for path in state.pidfiles.iterdir()]
    os.kill(int(read_json(state.pidfiles / "supervisor.json")["pid"]), signal.SIGKILL)
    assert until(lambda: not any(map(living, records)))

    second = script("start", *words)
    assert second.returncode == 0, second.stdout + second.stderr
    assert read_json(state.demo)["project_id"] == demo["project_id"]
    assert read_json(state.demo)["api_key"] == demo["api_key"]
    assert incidents(demo)[0]["id"] == incident

    assert script("stop", "--state", state.root).stdout == "Stopped.\n"
    assert processes_of(state) == []


def post_alert(demo: dict[str, Any]) -> None:
    httpx.post(
        f"{demo['api']}/webhooks/alertmanager",
        json=sample_notification(datetime.now(UTC)),
        headers=bearer(demo["ingest_token"]),
        timeout=20,
    ).raise_for_status()


def incidents(demo: dict[str, Any]) -> list[dict[str, Any]]:
    answer = httpx.get(f"{demo['api']}/incidents", headers=bearer(demo["api_key"]), timeout=20).raise_for_status()
    items: list[dict[str, Any]] = json.loads(answer.text)["items"]
    return items


def processes_of(state: State) -> list[str]:
    """Command lines of living processes that name the state directory."""
    return [
        " ".join(process.info["cmdline"])
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and any(str(state.root) in word for word in process.info["cmdline"] or [])
    ]
