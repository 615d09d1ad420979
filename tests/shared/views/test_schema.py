import subprocess
import sys
from pathlib import Path

import psycopg

from tests.fixtures import DatabaseUrls
from tests.infra.migrations.catalogue import tables

REPOSITORY = Path(__file__).parents[3]


def test_it_holds_every_table_whoever_imports_it(database_urls: DatabaseUrls) -> None:
    listing = "from shared.views.schema import METADATA; print(*METADATA.tables)"
    done = subprocess.run(
        [sys.executable, "-c", listing], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60
    )
    with psycopg.connect(database_urls.owner) as connection:
        assert set(done.stdout.split()) == tables(connection)
