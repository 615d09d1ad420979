import asyncio
import logging
import threading
import time

import azure.functions as func
import pytest
from azure_functions_runtime import invocation_id_cv

from tests.scripts.devstack.functions_host.conftest import Serve


async def test_a_function_that_raises_is_an_empty_500_and_a_logged_trace(
    serve: Serve, app: func.FunctionApp, caplog: pytest.LogCaptureFixture
) -> None:
    @app.route(route="boom")
    async def boom(req: func.HttpRequest) -> func.HttpResponse:
        raise RuntimeError("the reason")

    answer = await (await serve(app)).client.get("/api/boom")
    assert (answer.status_code, answer.content) == (500, b"")
    assert "RuntimeError: the reason" in caplog.text
    assert "in boom" in caplog.text


async def test_the_context_names_the_run(serve: Serve, app: func.FunctionApp) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @app.route(route="whoami")
    async def whoami(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        assert context.invocation_id == invocation_id_cv.get()
        return func.HttpResponse(f"{context.function_name} {context.trace_context.trace_parent}")

    client = (await serve(app)).client
    assert (await client.get("/api/whoami", headers={"traceparent": trace})).text == f"whoami {trace}"
    first, second = [(await client.get("/api/whoami")).text for _ in range(2)]
    assert first != second


async def test_a_log_line_knows_its_invocation(serve: Serve, app: func.FunctionApp) -> None:
    seen: list[str | None] = []
    logger = logging.getLogger("tests.invocation")

    def note(_: logging.LogRecord) -> bool:
        seen.append(invocation_id_cv.get())
        return True

    logger.addFilter(note)

    @app.route(route="one")
    async def one(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        logger.warning("from the loop")
        return func.HttpResponse(context.invocation_id)

    @app.route(route="two")
    def two(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        logger.warning("from a thread")
        return func.HttpResponse(context.invocation_id)

    client = (await serve(app)).client
    ids = [(await client.get(f"/api/{name}")).text for name in ("one", "two")]
    logger.removeFilter(note)
    assert seen == ids


async def test_asynchronous_functions_do_not_block_each_other(serve: Serve, app: func.FunctionApp) -> None:
    everybody = asyncio.Barrier(10)

    @app.route(route="meet")
    async def meet(req: func.HttpRequest) -> func.HttpResponse:
        async with asyncio.timeout(5):
            await everybody.wait()
        return func.HttpResponse("met")

    client = (await serve(app)).client
    answers = await asyncio.gather(*(client.get("/api/meet") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}


async def test_synchronous_functions_run_side_by_side_in_threads(serve: Serve, app: func.FunctionApp) -> None:
    pair = threading.Barrier(2, timeout=5)

    @app.route(route="meet")
    def meet(req: func.HttpRequest) -> func.HttpResponse:
        pair.wait()
        return func.HttpResponse("met")

    client = (await serve(app)).client
    answers = await asyncio.gather(*(client.get("/api/meet") for _ in range(2)))
    assert {answer.status_code for answer in answers} == {200}


async def test_a_run_over_the_time_limit_is_a_500_and_an_asynchronous_one_is_cancelled(
    serve: Serve, app: func.FunctionApp
) -> None:
    cancelled = asyncio.Event()

    @app.route(route="wait")
    async def wait(req: func.HttpRequest) -> func.HttpResponse:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return func.HttpResponse("never")

    @app.route(route="block")
    def block(req: func.HttpRequest) -> func.HttpResponse:
        time.sleep(0.4)
        return func.HttpResponse("late")

    client = (await serve(app, host_json={"functionTimeout": "00:00:00.2"})).client
    assert (await client.get("/api/wait")).status_code == 500
    assert cancelled.is_set()
    assert (await client.get("/api/block")).status_code == 500
