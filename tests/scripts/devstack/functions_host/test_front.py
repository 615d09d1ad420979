import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import azure.functions as func
import httpx
import pytest

from scripts.devstack.functions_host.cors import Cors
from scripts.devstack.functions_host.keys import Keys
from tests.scripts.devstack.functions_host.conftest import Serve

PAGE = "http://localhost:5173"


def _add_echo(app: func.FunctionApp, name: str = "echo", **route: Any) -> None:
    """A function that answers with what it saw."""

    @app.function_name(name)
    @app.route(**route)
    async def echo(req: func.HttpRequest) -> func.HttpResponse:
        seen = {
            "function": name,
            "method": req.method,
            "url": req.url,
            "headers": dict(req.headers),
            "query": dict(req.params),
            "values": dict(req.route_params),
            "body": req.get_body().hex(),
        }
        return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@pytest.mark.parametrize(
    ("prefix", "route", "path"),
    [
        ({}, {"route": "items"}, "/api/items"),
        ({}, {}, "/api/echo"),
        ({"routePrefix": "v1/x"}, {"route": "items"}, "/v1/x/items"),
        ({"routePrefix": ""}, {"route": "items"}, "/items"),
        ({"routePrefix": ""}, {"route": "/{*path}"}, "/"),
    ],
)
async def test_a_function_is_served_below_the_route_prefix(
    serve: Serve, app: func.FunctionApp, prefix: Mapping[str, str], route: Mapping[str, str], path: str
) -> None:
    _add_echo(app, **route)
    served = await serve(app, host_json={"extensions": {"http": prefix}})
    assert (await served.client.get(path)).json()["function"] == "echo"


async def test_the_first_function_by_name_wins_and_the_hidden_one_is_reported(
    serve: Serve, app: func.FunctionApp, caplog: pytest.LogCaptureFixture
) -> None:
    _add_echo(app, "list_items", route="items/list")
    _add_echo(app, "Get_item", route="items/{id}")
    served = await serve(app)
    assert (await served.client.get("/api/items/list")).json()["function"] == "Get_item"
    assert "Function 'Get_item' takes requests that 'list_items' matches too" in caplog.text


@pytest.mark.parametrize("route", ["admin/things", "Runtime", "administration"])
async def test_a_route_of_the_host_itself_is_refused_and_the_others_go_on(
    serve: Serve, app: func.FunctionApp, route: str
) -> None:
    _add_echo(app, "taken", route=route)
    _add_echo(app, "free", route="free")
    served = await serve(app)
    assert served.host.errors == {"taken": "The specified route conflicts with one or more built in routes."}
    assert (await served.client.get(f"/api/{route}")).status_code == 404
    assert (await served.client.get("/api/free")).status_code == 200


@pytest.mark.parametrize(
    ("methods", "method", "status"),
    [
        (["GET"], "GET", 200),
        (["GET"], "POST", 404),
        (["GET"], "HEAD", 404),
        (["HEAD"], "HEAD", 200),
        (["GET"], "OPTIONS", 404),
        (None, "OPTIONS", 200),
        (None, "DELETE", 200),
    ],
)
async def test_a_wrong_method_is_not_found(
    serve: Serve, app: func.FunctionApp, methods: list[str] | None, method: str, status: int
) -> None:
    _add_echo(app, route="items", methods=methods)
    served = await serve(app)
    answer = await served.client.request(method, "/api/items")
    assert answer.status_code == status
    assert bool(answer.content) == (status == 200 and method != "HEAD")


async def test_a_request_arrives_as_the_worker_gets_it_in_azure(serve: Serve, app: func.FunctionApp) -> None:
    _add_echo(app, route="items/{id}/{*rest}")
    served = await serve(app)
    path = "/api/Items/a%20b/x%2Fy/z?tag=1&tag=2&empty=&name=J%C3%BCrgen"
    answer = await served.client.post(
        path,
        headers=[
            ("X-Tag", "1"),
            ("x-tag", "2"),
            ("Content-Encoding", "gzip"),
            ("X-Forwarded-For", "203.0.113.9"),
        ],
        content=b"\x00\xff",
    )
    seen = answer.json()
    assert seen["method"] == "POST"
    assert seen["url"] == served.url + path
    assert seen["query"] == {"tag": "1,2", "name": "Jürgen"}
    assert seen["values"] == {"id": "a b", "rest": "x%2Fy/z"}
    assert seen["headers"]["x-tag"] == "1,2"
    assert re.fullmatch(r"203\.0\.113\.9, 127\.0\.0\.1:\d+", seen["headers"]["x-forwarded-for"])
    assert all(name == name.lower() for name in seen["headers"])
    assert seen["body"] == "00ff"


async def test_a_chunked_body_arrives_empty(serve: Serve, app: func.FunctionApp) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"some"
        yield b"thing"

    _add_echo(app)
    served = await serve(app)
    answer = await served.client.post("/api/echo", content=chunks())
    assert (answer.status_code, answer.json()["body"]) == (200, "")
    assert (await served.client.get("/api/echo")).status_code == 200


async def test_a_body_over_the_limit_is_refused_and_the_limit_itself_is_not(
    serve: Serve, app: func.FunctionApp
) -> None:
    _add_echo(app)
    served = await serve(app, settings={"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000"})
    assert (await served.client.post("/api/echo", content=b"x" * 1000)).status_code == 200
    assert (await served.client.post("/api/echo", content=b"x" * 1001)).status_code == 413


async def test_a_disabled_function_is_not_found(serve: Serve, app: func.FunctionApp) -> None:
    _add_echo(app)
    served = await serve(app, settings={"AzureWebJobs.echo.Disabled": "true"})
    assert (await served.client.get("/api/echo")).status_code == 404


@pytest.mark.parametrize(("settings", "status"), [({}, 200), ({"AzureWebJobsDisableHomepage": "true"}, 204)])
async def test_the_root_is_a_home_page(
    serve: Serve, app: func.FunctionApp, settings: Mapping[str, str], status: int
) -> None:
    _add_echo(app)
    served = await serve(app, settings=settings)
    answer = await served.client.get("/")
    assert (answer.status_code, "Functions host" in answer.text) == (status, status == 200)


@pytest.mark.parametrize("place", ["header", "query"])
@pytest.mark.parametrize(
    ("path", "admitted"),
    [
        ("/api/anonymous", {"", "wrong", "function", "host", "master"}),
        ("/api/function", {"function", "host", "master"}),
        ("/api/restricted", {"master"}),
        ("/admin/host/status", {"master"}),
    ],
)
async def test_with_keys_each_level_admits_its_own(
    serve: Serve, app: func.FunctionApp, path: str, place: str, admitted: set[str]
) -> None:
    for name, level in (("anonymous", "ANONYMOUS"), ("function", "FUNCTION"), ("restricted", "ADMIN")):
        _add_echo(app, name, route=name, auth_level=func.AuthLevel[level])
    keys = Keys(master="master", host="host", functions={"function": "function", "restricted": "restricted"})
    served = await serve(app, keys=keys)
    answered = {}
    for key in ("", "wrong", "function", "host", "master"):
        headers = {"x-functions-key": key} if place == "header" and key else {}
        answer = await served.client.get(path, headers=headers, params={"code": key} if place == "query" else {})
        answered[key] = answer.status_code
        assert answer.status_code == 200 or answer.content == b""
    assert answered == {key: 200 if key in admitted else 401 for key in answered}


async def test_without_keys_everything_is_open(serve: Serve, app: func.FunctionApp) -> None:
    _add_echo(app, route="items", auth_level=func.AuthLevel.ADMIN)
    served = await serve(app)
    assert (await served.client.get("/api/items")).status_code == 200


async def test_a_preflight_is_answered_without_the_function(serve: Serve, app: func.FunctionApp) -> None:
    _add_echo(app, route="items")
    served = await serve(app, cors=Cors(frozenset({PAGE})))
    wanted = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
    answer = await served.client.options("/api/items", headers={"Origin": PAGE, **wanted})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["Access-Control-Allow-Methods"] == "PATCH"
    assert answer.headers["Access-Control-Allow-Headers"] == "if-match"


async def test_a_preflight_from_elsewhere_gets_no_permission(serve: Serve, app: func.FunctionApp) -> None:
    served = await serve(app, cors=Cors(frozenset({PAGE})))
    headers = {"Origin": "http://other", "Access-Control-Request-Method": "GET"}
    answer = await served.client.options("/api/items", headers=headers)
    assert answer.status_code == 204
    assert not any(name.startswith("access-control") for name in answer.headers)


async def test_every_answer_to_an_allowed_origin_carries_the_permission(serve: Serve, app: func.FunctionApp) -> None:
    _add_echo(app, route="items")
    served = await serve(app, cors=Cors(frozenset({"*"})))
    for path in ("/api/items", "/api/missing"):
        answer = await served.client.get(path, headers={"Origin": PAGE})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_name_that_azure_refuses_is_not_served(
    serve: Serve, app: func.FunctionApp, caplog: pytest.LogCaptureFixture
) -> None:
    _add_echo(app, "2fast", route="items")
    with caplog.at_level(logging.ERROR):
        served = await serve(app)
    assert "'2fast' is not a valid function name." in caplog.text
    assert (await served.client.get("/api/items")).status_code == 404


async def test_a_caller_that_leaves_in_the_middle_of_a_body_is_no_error(
    serve: Serve, app: func.FunctionApp, caplog: pytest.LogCaptureFixture
) -> None:
    _add_echo(app)
    served = await serve(app)
    _, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(served.url).port)
    writer.write(b"POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await served.host.stop()
    assert caplog.text == ""


async def test_a_caller_that_waits_before_its_body_is_asked_for_it(serve: Serve, app: func.FunctionApp) -> None:
    _add_echo(app)
    served = await serve(app)
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(served.url).port)
    writer.write(b"POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    async with asyncio.timeout(5):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi")
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.close()
    await writer.wait_closed()
