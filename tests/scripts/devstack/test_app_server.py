import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from scripts.devstack.app_server import Site, file_of, site_headers

POLICY = "default-src 'none'; connect-src 'self' wss://*.example"
CONFIGURATION = json.dumps(
    {"globalHeaders": {"Content-Security-Policy": POLICY, "Strict-Transport-Security": "max-age=1", "X-Frame": "DENY"}}
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("the page")
    (tmp_path / "assets/a-1.js").write_text("code")
    (tmp_path / "staticwebapp.config.json").write_text(CONFIGURATION)
    (tmp_path / ".built").write_text("stamp")
    return tmp_path


@dataclass
class Seen:
    """What the API behind was asked."""

    path: str = ""
    forwarded: str = ""
    body: bytes = b""


@dataclass
class Front:
    url: str
    seen: Seen
    http: ClientSession


@pytest.fixture
async def front(folder: Path) -> AsyncIterator[Front]:
    """A site over an API that remembers what it is asked and sets two cookies."""
    seen = Seen()

    async def answer(request: web.Request) -> web.Response:
        seen.path, seen.forwarded = request.raw_path, request.headers["X-Forwarded-For"]
        seen.body = await request.read()
        response = web.Response(status=201, text="made", headers={"X-Request-ID": "r1"})
        response.headers.add("Set-Cookie", "a=1; HttpOnly")
        response.headers.add("Set-Cookie", "b=2; HttpOnly")
        return response

    behind = web.Application()
    behind.router.add_route("*", "/api/{rest:.*}", answer)
    async with TestServer(behind) as api, ClientSession(auto_decompress=False) as client, ClientSession() as http:
        site = Site(folder, str(api.make_url("/")).rstrip("/"), "ws://127.0.0.1:1", client)
        async with TestServer(site.app()) as server:
            yield Front(str(server.make_url("/")).rstrip("/"), seen, http)


async def test_a_call_reaches_the_api_as_it_is_and_its_cookies_come_back(front: Front) -> None:
    url = URL(f"{front.url}/api/incidents?q=a%2Fb%20c", encoded=True)
    sent = front.http.post(url, data=b"body", headers={"X-Forwarded-For": "1.2.3.4"})
    async with sent as answer:
        assert (answer.status, await answer.text()) == (201, "made")
        assert answer.headers.getall("Set-Cookie") == ["a=1; HttpOnly", "b=2; HttpOnly"]
        assert answer.headers["X-Request-ID"] == "r1"
    assert (front.seen.path, front.seen.body) == ("/api/incidents?q=a%2Fb%20c", b"body")
    assert front.seen.forwarded == "1.2.3.4, 127.0.0.1"


async def test_pages_have_the_policy_and_every_path_of_theirs_is_the_page(front: Front) -> None:
    async with front.http.get(f"{front.url}/incidents/123") as answer:
        assert (answer.status, await answer.text()) == (200, "the page")
        assert "connect-src 'self' ws://127.0.0.1:1 wss://*.example" in answer.headers["Content-Security-Policy"]
    async with front.http.get(f"{front.url}/assets/a-1.js") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    async with front.http.get(f"{front.url}/assets/gone.js") as answer:
        assert answer.status == 404


async def test_an_api_that_is_down_is_said(folder: Path) -> None:
    async with ClientSession() as http:
        site = Site(folder, "http://127.0.0.1:1", "ws://127.0.0.1:1", http)
        async with TestServer(site.app()) as server, http.get(server.make_url("/api/health")) as answer:
            assert (answer.status, "did not answer" in await answer.text()) == (502, True)


@pytest.mark.parametrize("path", ["/../secret", "/..%2fsecret", "/.built", "/assets/../.built"])
def test_nothing_beside_the_build_is_served(folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("key")
    assert file_of(folder, path) in {None, folder / "index.html"}


def test_plain_http_is_not_forbidden_for_ever_after() -> None:
    assert site_headers(CONFIGURATION, "ws://127.0.0.1:1").keys() == {"Content-Security-Policy", "X-Frame"}
