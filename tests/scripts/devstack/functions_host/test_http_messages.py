import re
from typing import Any

import azure.functions as func
import httpx
import pytest

from tests.scripts.devstack.functions_host.conftest import Serve


async def _answer(serve: Serve, app: func.FunctionApp, returned: Any) -> httpx.Response:
    @app.route(route="give")
    async def give(req: func.HttpRequest) -> func.HttpResponse:
        return returned  # type: ignore[no-any-return]  # what the worker makes of any value is the point

    return await (await serve(app)).client.get("/api/give")


@pytest.mark.parametrize(
    ("returned", "status", "content_type", "body"),
    [
        (func.HttpResponse("täxt", status_code=201), 201, "text/plain; charset=utf-8", "täxt".encode()),
        (func.HttpResponse(b"\x00\xff", mimetype="image/png"), 200, "image/png", b"\x00\xff"),
        (func.HttpResponse(status_code=404), 404, "text/plain; charset=utf-8", b""),
        (
            func.HttpResponse('{"a":1}', mimetype="application/problem+json"),
            200,
            "application/problem+json",
            b'{"a":1}',
        ),
        ("just text", 200, "text/plain; charset=utf-8", b"just text"),
        ('{"a": 1}', 200, "application/json; charset=utf-8", b'{"a": 1}'),
        ('{"body": "made", "status": 201}', 201, "text/plain; charset=utf-8", b"made"),
        ('{"statusCode": 202, "body": {"a": 1}}', 202, "application/json; charset=utf-8", b'{"a": 1}'),
        ('{"body": "x", "headers": {"Content-Type": "text/css"}}', 200, "text/css", b"x"),
    ],
)
async def test_what_a_function_returns_becomes_the_answer(
    serve: Serve, app: func.FunctionApp, returned: Any, status: int, content_type: str, body: bytes
) -> None:
    answer = await _answer(serve, app, returned)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (status, content_type, body)


@pytest.mark.parametrize("returned", [None, 5, {"a": 1}])
async def test_what_is_no_answer_is_an_error_without_a_body(
    serve: Serve, app: func.FunctionApp, returned: object
) -> None:
    answer = await _answer(serve, app, returned)
    assert (answer.status_code, answer.content) == (500, b"")


async def test_a_repeated_header_collapses_and_framing_is_the_servers(serve: Serve, app: func.FunctionApp) -> None:
    returned = func.HttpResponse("four", headers={"Content-Length": "99", "ETag": '"1"'})
    returned.headers.add("X-Two", "1")
    returned.headers.add("X-Two", "2")
    answer = await _answer(serve, app, returned)
    assert answer.headers.get_list("x-two") == ["2"]
    assert (answer.headers["content-length"], answer.headers["etag"]) == ("4", '"1"')


async def test_cookies_keep_their_attributes(serve: Serve, app: func.FunctionApp) -> None:
    returned = func.HttpResponse("ok")
    sent = [
        "session=abc; Path=/; Domain=example.com; Max-Age=3600; Secure; HttpOnly; SameSite=Strict",
        "theme=dark; Expires=Wed, 21 Oct 2026 07:28:00 GMT; SameSite=None",
    ]
    for cookie in sent:
        returned.headers.add("Set-Cookie", cookie)
    answer = await _answer(serve, app, returned)

    def parts(cookie: str) -> set[str]:
        return {part.lower() for part in re.split("; ?", cookie)}

    assert [parts(cookie) for cookie in answer.headers.get_list("set-cookie")] == [parts(cookie) for cookie in sent]
