"""The migrations add up to the mapped tables."""

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from shared.views.schema import METADATA
from tests.fixtures import DatabaseUrls, empty_database
from tests.infra.migrations.catalogue import schema


def test_alembic_finds_nothing_left_to_migrate(database_urls: DatabaseUrls) -> None:
    engine = create_engine(make_url(database_urls.owner).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()
    assert differences == []


def test_the_migrated_schema_is_the_mapped_one_to_the_last_check_and_default(
    postgres_url: str, database_urls: DatabaseUrls
) -> None:
    with empty_database(postgres_url) as mapped:
        engine = create_engine(make_url(mapped).set(drivername="postgresql+psycopg"))
        METADATA.create_all(engine)
        engine.dispose()
        with psycopg.connect(mapped) as ours, psycopg.connect(database_urls.owner) as migrated:
            assert schema(migrated) == schema(ours)
