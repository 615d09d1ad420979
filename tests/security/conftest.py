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

FIRST_REDIS_DATABASE = 8  # of 16: each worker of a run empties its own
REDIS_DATABASES = 8


@pytest.fixture(scope="session")
def world_url(postgres_url: str) -> Iterator[str]:
    """The owner's URL of the world's database."""
    with empty_database(postgres_url) as owner:
        migrate_alone(postgres_url, owner)
        yield owner


@pytest.fixture(scope="session")
async def world(settings: Settings, redis_url: str, world_url: str, worker_id: str) -> AsyncIterator[World]:
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    redis_database = FIRST_REDIS_DATABASE + number % REDIS_DATABASES
    own = {
        "database_url": SecretStr(as_role(world_url, APP, ROLE_PASSWORD)),
        "system_database_url": SecretStr(as_role(world_url, SYSTEM, ROLE_PASSWORD)),
        "redis_url": SecretStr(f"{redis_url.rpartition('/')[0]}/{redis_database}"),
    }
    async with world_of(settings.model_copy(update=own), world_url) as made:
        yield made
