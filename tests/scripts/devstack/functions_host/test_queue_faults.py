"""What a queue trigger survives."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import azure.functions as func
import pytest
from azure.storage.queue.aio import QueueClient

from scripts.devstack.azurite import launch_azurite
from scripts.devstack.ports import free_ports
from scripts.devstack.state import State
from tests.scripts.devstack.functions_host.conftest import Serve
from tests.scripts.devstack.functions_host.queue_helpers import add_consumer, count, plain_text

HANGING_APP = """
import asyncio
import azure.functions as func

app = func.FunctionApp()

@app.queue_trigger(arg_name="message", queue_name="%Queue%", connection="AzureWebJobsStorage")
async def consume(message: func.QueueMessage) -> None:
    print("began", flush=True)
    await asyncio.Event().wait()
"""


@contextmanager
def azurite(folder: Path, ports: tuple[int, int, int]) -> Iterator[str]:
    """An Azurite of this test's own, empty at first; its connection string."""
    service = launch_azurite(State.open(folder), ports=ports, durable=False).await_ready()
    try:
        yield service.url
    finally:
        service.stop()


async def send(connection_string: str, text: str) -> None:
    async with QueueClient.from_connection_string(connection_string, "orders") as queue:
        await queue.create_queue()
        await queue.send_message(text)


@pytest.mark.node
async def test_polling_outlives_the_storage(
    serve: Serve, app: func.FunctionApp, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    arrived: asyncio.Queue[bytes] = asyncio.Queue()
    add_consumer(app, lambda message: arrived.put_nowait(message.get_body()), "orders")
    blob, queue, table = free_ports(3)
    with azurite(tmp_path / "state", (blob, queue, table)) as storage:
        await serve(app, settings={"AzureWebJobsStorage": storage}, host_json=plain_text())
        await send(storage, "before")
        assert await asyncio.wait_for(arrived.get(), 10) == b"before"
    async with asyncio.timeout(10):
        while "does not answer" not in caplog.text:  # noqa: ASYNC110 - a log has nothing to await
            await asyncio.sleep(0.05)
    with azurite(tmp_path / "state", (blob, queue, table)) as storage:
        await send(storage, "after")
        assert await asyncio.wait_for(arrived.get(), 10) == b"after"
    assert caplog.text.count("does not answer") == caplog.text.count("answers again") == 1


async def test_a_killed_host_leaves_its_message_to_the_next(
    serve: Serve, app: func.FunctionApp, queue: QueueClient, settings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "function_app.py").write_text(HANGING_APP)
    (tmp_path / "host.json").write_text('{"version": "2.0", "extensions": {"queues": {"messageEncoding": "none"}}}')
    await queue.send_message("precious")
    words = ["-m", "scripts.devstack.functions_host", "--app", str(tmp_path), "--port", "0", "--queue-lease", "2"]
    first = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=PIPE, env=os.environ | settings)
    assert first.stdout
    async with asyncio.timeout(20):
        while await first.stdout.readline() != b"began\n":
            pass
    first.send_signal(signal.SIGKILL)
    await first.communicate()

    arrived: asyncio.Queue[tuple[bytes, int | None]] = asyncio.Queue()
    add_consumer(app, lambda message: arrived.put_nowait((message.get_body(), message.dequeue_count)))
    served = await serve(app, settings=settings, host_json=plain_text())
    assert await asyncio.wait_for(arrived.get(), 10) == (b"precious", 2)
    await served.host.stop()
    assert await count(queue) == 0
