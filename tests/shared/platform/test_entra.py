"""Where Entra gives no token, the service behind it is away, and nothing else breaks."""

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from azure.identity._internal import managed_identity_client, utils
from azure.identity.aio import EnvironmentCredential
from azure.identity.aio._internal import get_token_mixin
from sqlalchemy import text

from shared.platform.cache import Cache
from shared.platform.database import Database, DatabaseAway
from shared.platform.entra import POSTGRES_SCOPE, Identity, blocking_credential
from tests.shared.platform.entra import Entra, serving
from tests.shared.platform.offline import offline

RESOURCE = "https://ossrdbms-aad.database.windows.net"
BY_HOST = offline(
    DATABASE_URL="", SYSTEM_DATABASE_URL="", REDIS_URL="", POSTGRES_HOST="127.0.0.1", REDIS_HOST="127.0.0.1"
)


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no identity: the credential says so at once, and asks nobody."""
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_USERNAME", "AZURE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    built = Database(BY_HOST)
    built._identity._credential = EnvironmentCredential()
    yield built
    await built.close()


async def test_no_token_is_no_connection() -> None:
    identity = Identity("")
    identity._credential = EnvironmentCredential()
    with pytest.raises(ConnectionError):
        await identity.token(POSTGRES_SCOPE)
    await identity.close()


async def test_without_a_token_the_database_is_away(database: Database) -> None:
    with pytest.raises(DatabaseAway):
        async with database.session(database.app) as session:
            await session.execute(text("select 1"))


async def test_without_a_token_nothing_is_cached(silent_port: int) -> None:
    cache = Cache(BY_HOST.model_copy(update={"redis_port": silent_port}))
    cache._identity._credential = EnvironmentCredential()
    assert await cache.get("anything") is None
    await cache.close()


@pytest.fixture
async def entra(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Entra]:
    """Gives tokens to this process, as Azure gives them to a function app."""
    found = Entra()
    async with serving(found.give) as found.address:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        yield found


@pytest.fixture
async def identity() -> AsyncIterator[Identity]:
    built = Identity("the-app")
    yield built
    await built.close()


@pytest.mark.parametrize(("lifetime", "asked"), [(3_600, 1), (240, 3)], ids=["fresh", "about to expire"])
async def test_a_token_is_used_again_and_renewed_before_it_expires(
    entra: Entra, identity: Identity, monkeypatch: pytest.MonkeyPatch, lifetime: int, asked: int
) -> None:
    """Azure's library renews in the last five minutes, trying every half a minute, so the old one still serves."""
    entra.lifetime = lifetime
    for minute in range(3):
        later = SimpleNamespace(time=lambda minute=minute: time.time() + 60 * minute)
        for module in (get_token_mixin, utils, managed_identity_client):
            monkeypatch.setattr(module, "time", later)
        assert await identity.token(POSTGRES_SCOPE) == entra.token("the-app", RESOURCE)
    assert dict(entra.asked) == {("the-app", RESOURCE): asked}


async def test_who_cannot_await_gets_the_same_token(entra: Entra) -> None:
    def ask() -> str:
        with blocking_credential("the-app") as credential:
            return credential.get_token(POSTGRES_SCOPE).token

    found = await asyncio.to_thread(ask)
    assert found == entra.token("the-app", RESOURCE)
