"""In Azure there are no passwords: every service takes a token of the right identity, and nothing else.

The services are real, as far as there are real ones to be had, or answer as theirs do; the tokens come from an endpoint
like the one that Azure gives to a function app.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from aiohttp import web
from psycopg import sql
from redis.asyncio import Redis

from scripts.devstack.azurite import ACCOUNT, launch_azurite
from scripts.devstack.ports import free_ports
from scripts.devstack.state import State
from shared.platform.key_vault import secret_name
from tests.fixtures import DatabaseUrls
from tests.shared.platform.entra import (
    HOST,
    Certificate,
    Entra,
    claims_of,
    make_certificate,
    object_id,
    serving,
    tls_before,
)
from tests.shared.platform.offline import NOWHERE
from tests.shared.platform.signed_in import CROWD

APP: Final = "client-of-the-app"
SYSTEM: Final = "client-of-the-system"
POSTGRES: Final = "https://ossrdbms-aad.database.windows.net"
REDIS: Final = "https://redis.azure.com"
STORAGE: Final = "https://storage.azure.com"
WEBPUBSUB: Final = "https://webpubsub.azure.com"
MODEL: Final = "https://cognitiveservices.azure.com"
MONITOR: Final = "https://monitor.azure.com/"
IN_THE_VAULT: Final = ("SESSION_KEYS", "INGEST_KEYS", "VAULT_KEYS", "SEALING_KEYS", "PASSWORD_PEPPER")
STORES: Final = 3  # of queues, tables and blobs, each with a client of its own
ROOT: Final = Path(__file__).parents[3]


class Azure:
    """Key Vault, Web PubSub, the language model and Application Insights: what was asked of each, and with what."""

    def __init__(self) -> None:
        self.callers: dict[str, tuple[str, str]] = {}
        """By service: the identity's object id, and for what its token is good."""

    async def answer(self, request: web.Request) -> web.Response:
        service, answer = self._answer(request)
        if claims := claims_of(request):
            self.callers[service] = (claims["oid"], claims["aud"])
            return answer
        # A vault says who gives tokens for it. Its name has to end in what the token is good for.
        realm = f'authorization="https://login.example.com/tenant", resource="{_realm(request)}"'
        return web.Response(status=401, headers={"WWW-Authenticate": f"Bearer {realm}"})

    def _answer(self, request: web.Request) -> tuple[str, web.Response]:
        match request.path.strip("/").split("/"):
            case ["secrets", name, *_]:
                return "vault", _secret(request, name)
            case ["api", "hubs", "srecopilot", *_]:
                return "realtime", web.Response(status=202)
            case ["openai", "v1", "chat", "completions"]:
                return "model", web.json_response(_completion())
            case _:
                return "traces", web.json_response({"itemsReceived": 1, "itemsAccepted": 1, "errors": []})


def _realm(request: web.Request) -> str:
    return f"https://{request.host.partition('.')[2]}"


def _secret(request: web.Request, name: str) -> web.Response:
    found = {secret_name(setting): NOWHERE[setting] for setting in IN_THE_VAULT}.get(name)
    if found is None:
        return web.json_response({"error": {"code": "SecretNotFound", "message": "not here"}}, status=404)
    return web.json_response({"value": found, "id": f"https://{request.host}/secrets/{name}/1", "attributes": {}})


def _completion() -> dict[str, Any]:
    message = {"role": "assistant", "content": "Because."}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "small", "choices": [choice]}


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


@asynccontextmanager
async def database_roles(urls: DatabaseUrls, passwords: dict[str, str]) -> AsyncIterator[None]:
    """Roles that exist for a while, each with a token as its password, for the server compares it as one."""
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as owner:
        for role, password in passwords.items():
            made = sql.SQL("create role {} login password {}").format(sql.Identifier(role), sql.Literal(password))
            await owner.execute(made)
        try:
            yield
        finally:
            for role in passwords:
                await owner.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


@asynccontextmanager
async def redis_user(url: str, name: str, token: str) -> AsyncIterator[None]:
    async with Redis.from_url(url) as redis:
        await redis.acl_setuser(name, enabled=True, passwords=[f"+{token}"], keys=["*"], categories=["+@all"])
        try:
            yield
        finally:
            await redis.acl_deluser(name)


async def run(environment: dict[str, str]) -> dict[str, str]:
    """What everything came to, in a process that knows nothing but these settings."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.shared.platform.signed_in",
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        said, complaints = await child.communicate()
    assert child.returncode == 0, complaints.decode()
    found: dict[str, str] = json.loads(said)
    return found


async def test_by_tokens_alone_everything_works(
    certificate: Certificate, database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    entra, azure = Entra(), Azure()
    roles = {name: f"{name}_{uuid4().hex[:8]}" for name in ("app", "system")}
    postgres, redis = urlsplit(database_urls.owner), urlsplit(redis_url)
    blob, queue, table = free_ports(3)
    tokens_only: list[str | Path] = ["--oauth", "basic", "--cert", certificate.certificate, "--key", certificate.key]
    storage = launch_azurite(State.open(tmp_path), ports=(blob, queue, table), durable=False, options=tokens_only)
    async with AsyncExitStack() as stack:
        stack.callback(storage.stop)
        storage.await_ready()
        entra.address = await stack.enter_async_context(serving(entra.give))
        beyond = await stack.enter_async_context(serving(azure.answer, certificate.server))
        passwords = {roles["app"]: entra.token(APP, POSTGRES), roles["system"]: entra.token(SYSTEM, POSTGRES)}
        await stack.enter_async_context(database_roles(database_urls, passwords))
        await stack.enter_async_context(redis_user(redis_url, object_id(APP), entra.token(APP, REDIS)))
        assert postgres.port is not None
        assert redis.port is not None
        postgres_port = await stack.enter_async_context(tls_before(postgres.port, certificate, postgres=True))
        redis_port = await stack.enter_async_context(tls_before(redis.port, certificate))
        found = await run(
            entra.environment
            | {
                "SSL_CERT_FILE": str(certificate.certificate),
                "REQUESTS_CA_BUNDLE": str(certificate.certificate),
                "AZURE_CLIENT_ID": APP,
                "SYSTEM_CLIENT_ID": SYSTEM,
                "KEY_VAULT_URI": beyond,
                "POSTGRES_HOST": HOST,
                "POSTGRES_PORT": str(postgres_port),
                "POSTGRES_DATABASE": postgres.path.strip("/"),
                "POSTGRES_USER": roles["app"],
                "POSTGRES_SYSTEM_USER": roles["system"],
                "REDIS_HOST": HOST,
                "REDIS_PORT": str(redis_port),
                "WEBPUBSUB_ENDPOINT": beyond,
                "AZURE_OPENAI_ENDPOINT": beyond,
                "MODEL_DEPLOYMENT": "chat",
                "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={uuid4()};IngestionEndpoint={beyond}/",
                "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": f"ClientId={APP};Authorization=AAD",
            }
            | storage_addresses(blob, queue, table)
        )
    assert found | {"blob": ""} == {
        "database": roles["app"],
        "database, system": roles["system"],
        "redis": "there",
        "queue": "None",
        "table": "None",
        "blob": "",
        "realtime": "None",
        "model": "answered Because.",
        "session key": "k1",
    }
    assert found["blob"] == "b'seal'"
    assert azure.callers == {
        "vault": (object_id(APP), f"https://0.0.1:{urlsplit(beyond).port}"),
        "realtime": (object_id(APP), WEBPUBSUB),
        "model": (object_id(APP), MODEL),
        "traces": (object_id(APP), MONITOR),
    }
    assert 1 <= entra.asked[APP, POSTGRES] <= CROWD
    assert entra.asked[APP, STORAGE] == STORES
    assert not [asked for asked in entra.asked if asked[0] == SYSTEM and asked[1] != POSTGRES]


def storage_addresses(blob: int, queue: int, table: int) -> dict[str, str]:
    ports = {"blob": blob, "queue": queue, "table": table}
    return {
        f"AzureWebJobsStorage__{kind}ServiceUri": f"https://{HOST}:{port}/{ACCOUNT}" for kind, port in ports.items()
    }
