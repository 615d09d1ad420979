"""The product on real services: a migrated database, a runtime, an app whose functions can be called."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from functions.subscriptions import ROUTES
from infra.migrations.roles import APP, SYSTEM
from scripts.devstack.environment import as_role
from scripts.devstack.stack import launch_webpubsub
from scripts.devstack.state import State
from scripts.migrate import migrate, provision_storage
from scripts.proof.carried import Carried
from scripts.proof.functions import QuietRelay
from shared.access import commands
from shared.access.schemas import RegisterIn, SignedInOut
from shared.platform.cache import Cache
from shared.platform.queues import Queue
from shared.platform.runtime import PATIENCE, Runtime
from shared.platform.settings import Settings
from tests.shared.platform.line import Line

PASSWORD = "a password nobody guesses"
ROLE_PASSWORD = "only-for-tests"
METRICS_TOKEN = "m" * 32
KEY = "k1:" + "s" * 32
VAULT_KEY = "k1:" + b64encode(b"v" * 32).decode()
SEALING_KEYS = f"new:{b64encode(b'n' * 32).decode()},old:{b64encode(b'o' * 32).decode()}"


class StoppedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@dataclass(frozen=True)
class DatabaseUrls:
    owner: str
    app: str
    system: str


@contextmanager
def empty_database(postgres_url: str) -> Iterator[str]:
    """Make a database, give its owner's URL, and drop it."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        yield postgres_url.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def migrate_alone(postgres_url: str, owner: str) -> None:
    """Migrate a database while no other worker does: roles belong to the server, which workers share."""
    with psycopg.connect(postgres_url) as connection:
        connection.execute("select pg_advisory_xact_lock(1)")
        migrate(owner, {APP: ROLE_PASSWORD, SYSTEM: ROLE_PASSWORD})


@pytest.fixture(scope="session")
def database_urls(postgres_url: str) -> Iterator[DatabaseUrls]:
    """A migrated database of this run's own, through each of its three roles."""
    with empty_database(postgres_url) as owner:
        migrate_alone(postgres_url, owner)
        yield DatabaseUrls(owner, as_role(owner, APP, ROLE_PASSWORD), as_role(owner, SYSTEM, ROLE_PASSWORD))


@pytest.fixture
async def owner(database_urls: DatabaseUrls) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection that no policy binds, each statement on its own: for looking, and for what only time would do."""
    async with await psycopg.AsyncConnection.connect(database_urls.owner, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def webpubsub(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of a Web PubSub stand-in."""
    service = launch_webpubsub(State.open(tmp_path_factory.mktemp("webpubsub")), redis_url).await_ready()
    yield service.url
    service.stop()


@pytest.fixture(scope="session")
def settings(database_urls: DatabaseUrls, redis_url: str, storage: str, webpubsub: str) -> Settings:
    found = Settings.read(
        {
            "DATABASE_URL": database_urls.app,
            "SYSTEM_DATABASE_URL": database_urls.system,
            "REDIS_URL": redis_url,
            "AzureWebJobsStorage": storage,
            "WebPubSubConnectionString": webpubsub,
            "SESSION_KEYS": KEY,
            "INGEST_KEYS": KEY,
            "VAULT_KEYS": VAULT_KEY,
            "SEALING_KEYS": SEALING_KEYS,
            "OUTBOUND_ALLOW_PRIVATE": "true",
            "PASSWORD_PEPPER": "p" * 32,
            "PASSWORD_COST": "10",
            "METRICS_TOKEN": METRICS_TOKEN,
            "RATE_LIMIT_PER_MINUTE": "100000",
            "TENANT_RATE_LIMIT_PER_MINUTE": "100000",
        }
    )
    asyncio.run(provision_storage(found.storage_access))
    return found


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def runtime(settings: Settings, clock: StoppedClock) -> AsyncIterator[Runtime]:
    """A runtime on real services with a stopped clock and a relay that waits to be told."""
    built = Runtime.start(settings, ROUTES, clock=clock)
    quiet = QuietRelay(built.database, built.queues, built.realtime, built.responses, ROUTES)
    yield replace(built, relay=quiet)
    await built.close()


@pytest.fixture
async def redis_line(redis_url: str) -> AsyncIterator[Line]:
    """A line to Redis that is whole until a test cuts it."""
    port = urlsplit(redis_url).port
    assert port is not None
    line = Line(port)
    await line.mend()
    yield line
    await line.cut()


@pytest.fixture
async def lined_cache(settings: Settings, redis_url: str, redis_line: Line) -> AsyncIterator[Cache]:
    """A cache at the end of that line."""
    url = SecretStr(redis_url.replace(f":{urlsplit(redis_url).port}", f":{redis_line.port}"))
    built = Cache(settings.model_copy(update={"redis_url": url}), timeout=PATIENCE)
    yield built
    await built.close()


@pytest.fixture
async def account(runtime: Runtime) -> SignedInOut:
    """A registered tenant, signed in, without any function called."""
    return await sign_up(runtime)


async def sign_up(runtime: Runtime) -> SignedInOut:
    """Register a tenant of its own for a test."""
    email = f"{uuid4().hex[:12]}@example.com"
    given = RegisterIn(email=email, password=SecretStr(PASSWORD), name="Olga Owner", tenant_name="Example")
    return (await commands.register(runtime, given)).body


class App(Carried):
    """The mounted functions with the queues between them, and timers that run when they are told."""


@pytest.fixture
async def app(runtime: Runtime) -> AsyncIterator[App]:
    built = App(runtime)
    for queue in Queue:
        await built.mailbox.take(queue.value)
    yield built
    await built.mailbox.close()


@dataclass(frozen=True)
class Tenant:
    """A registered tenant with an AlertManager integration."""

    email: str
    tenant_id: str
    project_id: str
    user_id: str
    token: str
    integration_id: str
    ingest_token: str


async def register(app: App) -> Tenant:
    """Register a tenant of its own for a test, and give it an integration."""
    email = f"{uuid4().hex[:12]}@example.com"
    body = {"email": email, "password": PASSWORD, "name": "Olga Owner", "tenant_name": "Example"}
    made = (await app.call("POST", "auth/register", body)).json
    integration = await app.call(
        "POST", "integrations", {"kind": "alertmanager", "name": "main"}, token=made["access_token"]
    )
    return Tenant(
        email=email,
        tenant_id=made["tenant_id"],
        project_id=made["project_id"],
        user_id=made["user_id"],
        token=made["access_token"],
        integration_id=integration.json["id"],
        ingest_token=integration.json["token"],
    )


async def sign_in_again(app: App, tenant: Tenant) -> Tenant:
    """Access tokens live for 15 minutes, also by a clock that jumps."""
    answer = await app.call("POST", "auth/login", {"email": tenant.email, "password": PASSWORD})
    return replace(tenant, token=answer.json["access_token"])


@pytest.fixture
async def tenant(app: App) -> Tenant:
    return await register(app)


def payload(name: str) -> Any:
    """The body of a captured or synthetic webhook."""
    return json.loads((Path(__file__).parent / "data" / "payloads" / f"{name}.json").read_text())["body"]


async def opened(app: App, tenant: Tenant, name: str = "alertmanager-firing") -> dict[str, Any]:
    """Post a captured notification and return the newest incident."""
    await app.call("POST", "webhooks/alertmanager", payload(name), token=tenant.ingest_token)
    found: dict[str, Any] = (await app.call("GET", "incidents", token=tenant.token)).json["items"][0]
    return found
