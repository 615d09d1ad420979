import asyncio

import azure.functions as func
import pytest

from tests.scripts.devstack.functions_host.conftest import Serve


@pytest.fixture
def fired(app: func.FunctionApp) -> asyncio.Queue[object]:
    """What the functions of the app were run with."""
    runs: asyncio.Queue[object] = asyncio.Queue()

    @app.route(route="items/{id}", methods=["GET"])
    async def get_item(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse()

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    async def sweep(timer: func.TimerRequest) -> None:
        runs.put_nowait(timer.past_due)

    @app.queue_trigger(arg_name="message", queue_name="%Orders%", connection="AzureWebJobsStorage")
    async def consume(message: func.QueueMessage) -> None:
        runs.put_nowait((message.get_body(), message.dequeue_count))

    return runs


SETTINGS = {
    "Orders": "orders",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "AzureWebJobs.consume.Disabled": "1",
}


async def test_the_host_says_that_it_runs(serve: Serve, app: func.FunctionApp) -> None:
    client = (await serve(app)).client
    status = (await client.get("/admin/host/status")).json()
    assert (status["state"], status["errors"]) == ("Running", [])
    for method in ("GET", "POST"):
        answer = await client.request(method, "/admin/host/ping")
        assert (answer.status_code, answer.content) == (200, b"")


async def test_a_function_that_takes_every_path_does_not_hide_the_host(serve: Serve, app: func.FunctionApp) -> None:
    @app.route(route="{*path}")
    async def everything(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("mine")

    client = (await serve(app, host_json={"extensions": {"http": {"routePrefix": ""}}})).client
    assert (await client.get("/administration")).text == "mine"
    assert (await client.get("/admin/host/ping")).content == b""


async def test_functions_are_listed_with_their_bindings(
    serve: Serve, app: func.FunctionApp, fired: asyncio.Queue[object]
) -> None:
    served = await serve(app, settings=SETTINGS)
    listed = {each["name"]: each for each in (await served.client.get("/admin/functions")).json()}
    assert listed.keys() == {"get_item", "sweep", "consume"}
    assert listed["get_item"]["invoke_url_template"] == f"{served.url}/api/items/{{id}}"
    assert listed["consume"]["isDisabled"] is True
    assert listed["sweep"]["config"]["bindings"][0]["schedule"] == "0 0 0 1 1 *"
    assert (await served.client.get("/admin/functions/Sweep")).json() == listed["sweep"]
    assert (await served.client.get("/admin/functions/sweep/status")).json() == {}


async def test_a_function_that_is_not_served_says_why(
    serve: Serve, app: func.FunctionApp, fired: asyncio.Queue[object]
) -> None:
    client = (await serve(app)).client
    errors = (await client.get("/admin/functions/consume/status")).json()["errors"]
    assert errors == ["There is no connection string 'AzureWebJobsStorage' in the settings."]
    assert (await client.get("/admin/host/status")).json()["errors"] == [f"consume: {errors[0]}"]


@pytest.mark.parametrize(
    ("name", "run"), [("sweep", False), ("CONSUME", (b'{"id": 1}', 1))], ids=["timer", "queue, though disabled"]
)
async def test_a_function_is_fired_on_demand(
    serve: Serve, app: func.FunctionApp, fired: asyncio.Queue[object], name: str, run: object
) -> None:
    client = (await serve(app, settings=SETTINGS)).client
    answer = await client.post(f"/admin/functions/{name}", json={"input": '{"id": 1}'})
    assert (answer.status_code, answer.content) == (202, b"")
    assert await asyncio.wait_for(fired.get(), 5) == run


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/admin/functions/sweep", "", 400),
        ("/admin/functions/sweep", "[]", 400),
        ("/admin/functions/get_item", "{}", 400),
        ("/admin/functions/nobody", "{}", 404),
        ("/admin/elsewhere", "{}", 404),
    ],
)
async def test_what_cannot_be_fired_is_refused(
    serve: Serve, app: func.FunctionApp, fired: asyncio.Queue[object], path: str, content: str, status: int
) -> None:
    client = (await serve(app, settings=SETTINGS)).client
    assert (await client.post(path, content=content)).status_code == status
    assert fired.empty()
