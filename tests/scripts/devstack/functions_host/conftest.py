"""Function apps served in this process, each for one test."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import azure.functions as func
import httpx
import pytest
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from scripts.devstack.functions_host.app import index_app
from scripts.devstack.functions_host.cors import Cors
from scripts.devstack.functions_host.host import GRACE, QUEUE_LEASE, Host
from scripts.devstack.functions_host.host_json import read_host_options
from scripts.devstack.functions_host.keys import Keys
from scripts.devstack.functions_host.settings import AppSettings


@dataclass(frozen=True, slots=True)
class Served:
    host: Host
    client: httpx.AsyncClient
    url: str


type Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    """Start a host for a function app; it is stopped when the test ends, unless the test has stopped it."""
    async with AsyncExitStack() as stack:

        async def start(
            app: func.FunctionApp,
            *,
            settings: Mapping[str, str] | None = None,
            host_json: Mapping[str, Any] | None = None,
            cors: Cors | None = None,
            keys: Keys | None = None,
            queue_lease: int = QUEUE_LEASE,
            grace: float = GRACE,
        ) -> Served:
            (tmp_path / "host.json").write_text(json.dumps({"version": "2.0", **(host_json or {})}))
            app_settings = AppSettings(settings or {})
            host = Host(
                index_app(app.get_functions(), tmp_path),
                app_settings,
                read_host_options(tmp_path, app_settings),
                state=tmp_path,
                cors=cors,
                keys=keys,
                queue_lease=queue_lease,
                grace=grace,
            )
            url = await host.start("127.0.0.1", 0)
            stack.push_async_callback(host.stop)
            # Without certificates, which take longer to load than most tests take.
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=10, verify=False))
            return Served(host, client, url)

        yield start


@pytest.fixture
def app() -> func.FunctionApp:
    """An app without functions, open to everyone."""
    return func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@pytest.fixture
async def account(storage: str) -> AsyncIterator[QueueServiceClient]:
    async with QueueServiceClient.from_connection_string(storage) as service:
        yield service


@pytest.fixture
async def queue(account: QueueServiceClient) -> QueueClient:
    """A new queue."""
    return await account.create_queue(f"host-{uuid4().hex}")


@pytest.fixture
def settings(storage: str, queue: QueueClient) -> dict[str, str]:
    return {"AzureWebJobsStorage": storage, "Queue": queue.queue_name}
