"""What stands for Azure in tests of signing in: who gives tokens, and TLS before services that take them."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
HEADER = "the-header-that-only-the-app-knows"
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@dataclass(frozen=True)
class Certificate:
    """A certificate of 127.0.0.1 that signs itself, so that who trusts it is sure to have checked."""

    certificate: Path
    key: Path

    @property
    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "certificate.pem", folder / "key.pem")
    found.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    found.key.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return found


def object_id(client_id: str) -> str:
    """The object id of an identity, by which PostgreSQL and Redis know it."""
    return str(uuid5(NAMESPACE_URL, client_id))


@dataclass
class Entra:
    """The endpoint that gives a function app the tokens of its identities. `lifetime` is in seconds."""

    address: str = ""
    lifetime: int = 3_600
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often, by client id and resource."""

    @property
    def environment(self) -> dict[str, str]:
        return {"IDENTITY_ENDPOINT": self.address, "IDENTITY_HEADER": HEADER}

    def token(self, client_id: str, resource: str) -> str:
        """The token that an identity gets for a resource."""
        claims = {
            "iss": "https://sts.windows.net/00000000-0000-0000-0000-000000000000/",
            "aud": resource,
            "oid": object_id(client_id),
            "iat": 1_600_000_000,
            "nbf": 1_600_000_000,
            "exp": 4_000_000_000,
        }
        return jwt.encode(claims, "k" * 32)

    async def give(self, request: web.Request) -> web.Response:
        if request.headers.get("X-IDENTITY-HEADER") != HEADER:
            return web.json_response({"error": "unauthorized"}, status=401)
        client_id, resource = request.query["client_id"], request.query["resource"]
        self.asked[client_id, resource] += 1
        expires = int(datetime.now(UTC).timestamp()) + self.lifetime
        return web.json_response(
            {
                "access_token": self.token(client_id, resource),
                "client_id": client_id,
                "expires_on": str(expires),
                "not_before": "1600000000",
                "resource": resource,
                "token_type": "Bearer",
            }
        )


@asynccontextmanager
async def serving(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]], context: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Answer every request by `handler`; gives the address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0, ssl_context=context).start()
    try:
        yield f"{'https' if context else 'http'}://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def tls_before(port: int, certificate: Certificate, *, postgres: bool = False) -> AsyncIterator[int]:
    """Put TLS before a service on 127.0.0.1; gives the port. PostgreSQL is asked for it in the clear first."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            if postgres:
                if await reader.readexactly(len(_SSL_REQUEST)) != _SSL_REQUEST:
                    writer.close()
                    return
                writer.write(b"S")
                await writer.start_tls(certificate.server)
            beyond_reader, beyond_writer = await asyncio.open_connection(HOST, port)
            await asyncio.gather(_pipe(reader, beyond_writer), _pipe(beyond_reader, writer))

    server = await asyncio.start_server(talk, HOST, 0, ssl=None if postgres else certificate.server)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


def claims_of(request: web.Request) -> dict[str, Any]:
    """What the token of a request claims; nothing where there is none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return jwt.decode(token, options={"verify_signature": False}) if kind == "Bearer" else {}
