"""The host as its own process: start, signals, exit codes."""

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

START = """
import asyncio, time
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
"""

PING = """
@app.route(route="ping")
async def ping(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("pong")
"""

type Spawn = Callable[..., Awaitable[Process]]


@pytest.fixture
async def spawn(tmp_path: Path) -> AsyncIterator[Spawn]:
    """Run the command for an app given as the rest of its source; what is left of it at the end is killed."""
    children: list[Process] = []

    async def start(source: str | None, *options: str, host_json: str = '{"version": "2.0"}') -> Process:
        if source is not None:
            (tmp_path / "function_app.py").write_text(START + source)
        (tmp_path / "host.json").write_text(host_json)
        words = ["-m", "scripts.devstack.functions_host", "--app", str(tmp_path), "--port", "0", *options]
        child = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=PIPE, stderr=PIPE)
        children.append(child)
        return child

    yield start
    for child in children:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def url_of(child: Process) -> str:
    assert child.stdout
    word, _, url = (await asyncio.wait_for(child.stdout.readline(), 20)).decode().strip().partition(" ")
    assert word == "ready"
    return url


async def test_an_app_that_cannot_be_loaded_ends_the_host(spawn: Spawn) -> None:
    child = await spawn("import nothing_of_that_name")
    out, err = await asyncio.wait_for(child.communicate(), 20)
    assert (child.returncode, out) == (1, b"")
    assert err.decode().splitlines()[-1].startswith("error: ")


async def test_a_taken_port_ends_the_host_with_advice(spawn: Spawn) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        child = await spawn(PING, "--port", str(taken.getsockname()[1]))
        _, err = await asyncio.wait_for(child.communicate(), 20)
    assert child.returncode == 1
    assert "Choose another port with --port" in err.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_runs_end_then_closes_the_app_and_exits_cleanly(
    spawn: Spawn, number: signal.Signals
) -> None:
    source = """
@app.route(route="slow")
async def slow(req: func.HttpRequest) -> func.HttpResponse:
    print("began", flush=True)
    await asyncio.sleep(0.5)
    return func.HttpResponse("done")

async def shutdown() -> None:
    print("closed", flush=True)
"""
    child = await spawn(source)
    url = await url_of(child)
    async with httpx.AsyncClient(base_url=url) as client:
        answer = asyncio.create_task(client.get("/api/slow"))
        assert child.stdout
        assert await asyncio.wait_for(child.stdout.readline(), 5) == b"began\n"
        child.send_signal(number)
        assert (await answer).text == "done"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
    out, _ = await asyncio.wait_for(child.communicate(), 5)
    assert (child.returncode, out) == (0, b"closed\n")


async def test_a_synchronous_run_that_hangs_does_not_hold_up_the_exit(spawn: Spawn) -> None:
    source = """
@app.route(route="hang")
def hang(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(60)
"""
    child = await spawn(source, host_json='{"version": "2.0", "functionTimeout": "00:00:00.2"}')
    async with httpx.AsyncClient(base_url=await url_of(child)) as client:
        assert (await client.get("/api/hang")).status_code == 500
    child.terminate()
    await asyncio.wait_for(child.communicate(), 5)
    assert child.returncode == 0


async def test_local_settings_reach_the_app_and_the_environment_wins(
    spawn: Spawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = """
import os
@app.route(route="{name}")
async def read(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(os.environ[req.route_params["name"]])
"""
    monkeypatch.setenv("SET_OUTSIDE", "environment")
    values = {"SET_OUTSIDE": "file", "SET_HERE": "file"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    child = await spawn(source)
    async with httpx.AsyncClient(base_url=await url_of(child)) as client:
        assert (await client.get("/api/SET_OUTSIDE")).text == "environment"
        assert (await client.get("/api/SET_HERE")).text == "file"
        assert (await client.get("/api/AZURE_FUNCTIONS_ENVIRONMENT")).text == "Development"


async def test_keys_and_timer_statuses_are_kept_in_the_state_folder(spawn: Spawn, tmp_path: Path) -> None:
    source = """
@app.route(route="closed", auth_level=func.AuthLevel.FUNCTION)
async def closed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("in")

@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
async def sweep(timer: func.TimerRequest) -> None: ...
"""
    state = tmp_path / "state"
    child = await spawn(source, "--enable-auth", "--state", str(state))
    async with httpx.AsyncClient(base_url=await url_of(child)) as client:
        assert (await client.get("/api/closed")).status_code == 401
        key = json.loads((state / "function-keys.json").read_text())["functions"]["closed"]
        assert (await client.get("/api/closed", headers={"x-functions-key": key})).text == "in"
    child.terminate()
    await asyncio.wait_for(child.communicate(), 5)
    assert (state / "timers" / "sweep.json").exists()
