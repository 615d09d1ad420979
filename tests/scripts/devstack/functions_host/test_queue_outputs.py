"""Queue output bindings."""

from typing import List  # noqa: UP035 - the worker refuses func.Out[list[str]]
from uuid import uuid4

import azure.functions as func
import pytest
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from tests.scripts.devstack.functions_host.conftest import Serve
from tests.scripts.devstack.functions_host.queue_helpers import count, plain_text, texts


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("none", {"one", "two", "three"}), ("base64", {"b25l", "dHdv", "dGhyZWU="})],
)
async def test_outputs_are_sent_as_triggers_read_them_and_make_their_queue(
    serve: Serve,
    app: func.FunctionApp,
    account: QueueServiceClient,
    settings: dict[str, str],
    encoding: str,
    expected: set[str],
) -> None:
    @app.route(route="send")
    @app.queue_output(arg_name="single", queue_name="%Out%", connection="AzureWebJobsStorage")
    @app.queue_output(arg_name="several", queue_name="%Out%", connection="AzureWebJobsStorage")
    @app.queue_output(arg_name="unset", queue_name="%Out%", connection="AzureWebJobsStorage")
    async def send(
        req: func.HttpRequest,
        single: func.Out[str],
        several: func.Out[List[str]],  # noqa: UP006 - see the import
        unset: func.Out[str],
    ) -> func.HttpResponse:
        assert unset.get() is None
        single.set("one")
        several.set(["two", "three"])
        return func.HttpResponse(status_code=202)

    name = f"host-{uuid4().hex}"
    options = {"extensions": {"queues": {"messageEncoding": encoding}}}
    served = await serve(app, settings=settings | {"Out": name}, host_json=options)
    assert (await served.client.post("/api/send")).status_code == 202
    assert await texts(account.get_queue_client(name)) == expected


async def test_an_output_too_large_for_a_queue_fails_the_run(
    serve: Serve, app: func.FunctionApp, queue: QueueClient, settings: dict[str, str]
) -> None:
    @app.route(route="send")
    @app.queue_output(arg_name="out", queue_name="%Queue%", connection="AzureWebJobsStorage")
    async def send(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
        out.set("x" * 65_537)
        return func.HttpResponse(status_code=202)

    served = await serve(app, settings=settings, host_json=plain_text())
    assert (await served.client.post("/api/send")).status_code == 500
    assert await count(queue) == 0
