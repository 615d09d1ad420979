"""A world of callers and things, in a database and a Redis database of its own, for it puts both back all the time."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import SecretStr

from infra.migrations.roles import APP, SYSTEM
from scripts.devstack.environment import as_role
from scripts.proof.scratch import world_of
from scripts.proof.world import World
from shared.platform.settings import Settings
from tests.fixtures import ROLE_PASSWORD, empty_database, migrate_alone

REDIS_DATABASE = 9


@pytest.fixture(scope="session")
def world_url(postgres_url: str) -> Iterator[str]:
    """The owner's URL of the world's database."""
    with empty_database(postgres_url) as owner:
        migrate_alone(postgres_url, owner)
        yield owner


@pytest.fixture(scope="session")
async def world(settings: Settings, redis_url: str, world_url: str) -> AsyncIterator[World]:
    own = {
        "database_url": SecretStr(as_role(world_url, APP, ROLE_PASSWORD)),
        "system_database_url": SecretStr(as_role(world_url, SYSTEM, ROLE_PASSWORD)),
        "redis_url": SecretStr(f"{redis_url.rpartition('/')[0]}/{REDIS_DATABASE}"),
    }
    async with world_of(settings.model_copy(update=own), world_url) as made:
        yield made


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send the world's tests to one worker: Redis is shared by all of them."""
    for item in items:
        if "world" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("world"))
