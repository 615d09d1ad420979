"""Nothing that people configure makes us call what only we can reach: proven at the socket."""

import asyncio
import socket
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web

from shared.platform.outbound import (
    MAX_REPLY,
    Address,
    AddressRefused,
    NoAnswer,
    Outbound,
    Resolve,
    is_callable,
    target_of,
)
from tests.shared.platform import denied
from tests.shared.platform.offline import offline

PRIVATE = ("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "::1", "fd12:3456::1")
PUBLIC = ("93.184.215.14", "8.8.8.8", "2606:4700::6810:84e5", "2a00:1450:4001:80b::200e", "172.32.0.1", "100.128.0.1")
PUBLIC_ONLY = offline()
PRIVATE_TOO = offline(OUTBOUND_ALLOW_PRIVATE="true")


@dataclass
class Connections:
    """Every connection that this process begins, told by the interpreter itself."""

    is_watching: bool = False
    addresses: list[str] = field(default_factory=list)

    def hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.is_watching and event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
            self.addresses.append(str(arguments[1][0]))


@pytest.fixture(scope="module")
def hooked() -> Connections:
    found = Connections()
    sys.addaudithook(found.hook)
    return found


@pytest.fixture
def connections(hooked: Connections) -> Iterator[list[str]]:
    hooked.addresses.clear()
    hooked.is_watching = True
    yield hooked.addresses
    hooked.is_watching = False


def answering(*answers: Sequence[str]) -> tuple[Resolve, list[str]]:
    """A name server that gives one answer after the other, and who was asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[Address]:
        asked.append(host)
        return [ip_address(address) for address in answers[min(len(asked), len(answers)) - 1]]

    return resolve, asked


def test_the_corpus_is_large_enough() -> None:
    assert len({*denied.HOSTS}) == len(denied.HOSTS) > 60


async def test_the_counter_counts(connections: list[str], server: str) -> None:
    await Outbound(PRIVATE_TOO).get(f"{server}/ok", headers={})
    assert connections == ["127.0.0.1"]


@pytest.mark.parametrize("host", denied.HOSTS)
async def test_no_form_of_a_denied_address_is_connected_to(connections: list[str], host: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        await Outbound(PUBLIC_ONLY).get(f"https://{host}/", headers={})
    assert str(refusal.value) == AddressRefused.title
    assert connections == []


@pytest.mark.parametrize("url", denied.URLS)
async def test_what_is_no_plain_public_url_is_not_even_looked_up(connections: list[str], url: str) -> None:
    resolve, asked = answering(["93.184.215.14"])
    with pytest.raises(AddressRefused) as refusal:
        await Outbound(PUBLIC_ONLY, resolve=resolve).get(url, headers={})
    assert str(refusal.value) == AddressRefused.title
    assert (connections, asked) == ([], [])


@pytest.mark.parametrize("address", denied.NEVER)
@pytest.mark.parametrize("private", [False, True])
def test_some_addresses_are_never_called(address: str, private: bool) -> None:
    assert not is_callable(ip_address(address), private=private)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_called_only_where_a_setting_says_so(address: str) -> None:
    assert not is_callable(ip_address(address), private=False)
    assert is_callable(ip_address(address), private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called(address: str) -> None:
    assert is_callable(ip_address(address), private=False)


@pytest.mark.parametrize("bad", ["169.254.169.254", "10.0.0.1", "::1"])
async def test_one_denied_address_among_good_ones_is_enough_to_refuse(connections: list[str], bad: str) -> None:
    for addresses in (["93.184.215.14", bad], [bad, "93.184.215.14"]):
        with pytest.raises(AddressRefused):
            await Outbound(PUBLIC_ONLY, resolve=answering(addresses)[0]).get("https://example.com/", headers={})
    assert connections == []


async def test_a_name_that_does_not_exist_is_refused_in_the_same_words(connections: list[str]) -> None:
    with pytest.raises(AddressRefused) as refusal:
        await Outbound(PUBLIC_ONLY, resolve=answering([])[0]).get("https://example.com/", headers={})
    assert str(refusal.value) == AddressRefused.title
    assert connections == []


async def test_a_name_that_changes_its_mind_is_asked_once_and_pinned(connections: list[str], server: str) -> None:
    resolve, asked = answering(["127.0.0.1"], ["169.254.169.254"])
    port = target_of(server).port
    reply = await Outbound(PRIVATE_TOO, resolve=resolve).get(f"http://rebinding.example:{port}/host", headers={})
    assert reply.content == f"rebinding.example:{port}".encode()
    assert (connections, asked) == (["127.0.0.1"], ["rebinding.example"])


async def test_the_next_call_asks_and_checks_again(connections: list[str], server: str) -> None:
    resolve, _ = answering(["127.0.0.1"], ["169.254.169.254"])
    outbound = Outbound(PRIVATE_TOO, resolve=resolve)
    url = f"http://rebinding.example:{target_of(server).port}/ok"
    await outbound.get(url, headers={})
    with pytest.raises(AddressRefused):
        await outbound.get(url, headers={})
    assert connections == ["127.0.0.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(connections: list[str], server: str, status: int) -> None:
    reply = await Outbound(PRIVATE_TOO).get(f"{server}/redirect/{status}", headers={})
    assert reply.status == status
    assert connections == ["127.0.0.1"]


async def test_proxies_of_the_environment_are_ignored(
    connections: list[str], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.2:1")
    await Outbound(PRIVATE_TOO).get(f"{server}/ok", headers={})
    assert connections == ["127.0.0.1"]


async def test_a_call_carries_what_it_is_given_and_keeps_no_cookie(server: str) -> None:
    outbound = Outbound(PRIVATE_TOO)
    for _ in range(2):
        reply = await outbound.get(f"{server}/headers", headers={"Authorization": "Bearer abc"})
        assert reply.content == b"Bearer abc|identity|"


async def test_a_reply_is_read_up_to_one_mebibyte(server: str) -> None:
    assert len((await Outbound(PRIVATE_TOO).get(f"{server}/bytes/{MAX_REPLY}", headers={})).content) == MAX_REPLY
    with pytest.raises(NoAnswer, match="more than 1 MiB"):
        await Outbound(PRIVATE_TOO).get(f"{server}/bytes/{MAX_REPLY + 1}", headers={})


@pytest.mark.parametrize("path", ["hang", "drip"])
async def test_nothing_waits_past_the_deadline(server: str, path: str) -> None:
    began = asyncio.get_running_loop().time()
    with pytest.raises(NoAnswer, match=r"within 0\.2 seconds"):
        await Outbound(PRIVATE_TOO, deadline=0.2).get(f"{server}/{path}", headers={})
    assert asyncio.get_running_loop().time() - began < 2


async def test_a_name_server_that_hangs_holds_up_nothing_past_the_deadline() -> None:
    answer = threading.Event()

    def hang(host: str, port: int) -> list[Address]:
        answer.wait(10)
        return []

    outbound = Outbound(PUBLIC_ONLY, resolve=hang, deadline=0.2)
    calls = (outbound.get("https://example.com/", headers={}) for _ in range(60))
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*calls, return_exceptions=True)
        # The loop's own threads, which the database's driver looks names up with, are all free.
        assert await asyncio.to_thread(lambda: "free") == "free"
    assert {type(answer) for answer in answers} == {NoAnswer}
    answer.set()
    outbound.close()


async def test_a_closed_port_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with pytest.raises(NoAnswer, match="could not be reached"):
        await Outbound(PRIVATE_TOO).get(f"http://127.0.0.1:{port}/", headers={})


async def test_what_is_not_http_is_no_answer() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"-ERR unknown command\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(rude, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(NoAnswer, match="could not be reached"):
            await Outbound(PRIVATE_TOO).get(f"http://127.0.0.1:{port}/", headers={})


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]"])
async def test_what_is_sent_is_guarded_like_what_is_fetched(connections: list[str], host: str) -> None:
    with pytest.raises(AddressRefused):
        await Outbound(PUBLIC_ONLY).post(f"https://{host}/", headers={}, content=b"x")
    assert connections == []


async def test_a_certificate_that_nobody_vouches_for_is_no_answer(self_signed: ssl.SSLContext) -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self_signed)
    await site.start()
    with pytest.raises(NoAnswer, match="certificate"):
        await Outbound(PRIVATE_TOO).get(f"https://127.0.0.1:{runner.addresses[0][1]}/", headers={})
    await runner.cleanup()


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[str]:
    """The base URL of a server on loopback that does what its path says."""

    async def answer(request: web.Request) -> web.StreamResponse:
        match request.path.split("/")[1:]:
            case ["redirect", status]:
                return web.Response(status=int(status), headers={"Location": "http://169.254.169.254/"})
            case ["bytes", size]:
                return web.Response(body=bytes(int(size)))
            case ["host"]:
                return web.Response(text=request.host)
            case ["headers"]:
                seen = "|".join(
                    request.headers.get(name, "") for name in ("Authorization", "Accept-Encoding", "Cookie")
                )
                return web.Response(text=seen, headers={"Set-Cookie": "a=b"})
            case ["hang"]:
                await asyncio.get_running_loop().create_future()
            case ["drip"]:
                slow = web.StreamResponse()
                await slow.prepare(request)
                while True:
                    await slow.write(b".")
                    await asyncio.sleep(0.05)
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path_factory.mktemp("tls") / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
