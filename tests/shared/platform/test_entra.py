"""Where Entra gives no token, the service behind it is away, and nothing else breaks."""

from collections.abc import AsyncIterator

import pytest
from azure.identity.aio import EnvironmentCredential
from sqlalchemy import text

from shared.platform.cache import Cache
from shared.platform.database import Database, DatabaseAway
from shared.platform.entra import POSTGRES_SCOPE, Identity
from tests.shared.platform.offline import offline

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
