"""A cold start pays for every import, so what only some calls need is loaded by the first of them."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from functions import FEATURES
from shared.platform.tables import Base
from shared.views.schema import METADATA
from tests.shared.platform.offline import NOWHERE

REPOSITORY: Final = Path(__file__).parent.parent
# What a start does without, and who loads it.
LATER: Final = {
    "aiohttp": "the first request to Azure",
    "aiosmtplib": "the first e-mail",
    "alembic": "migrations alone",
    "azure.data": "the first row of the audit",
    "azure.identity": "where an identity stands for connection strings",
    "azure.messaging": "the first event for browsers",
    "azure.monitor": "where traces are exported to Azure",
    "azure.storage": "the first message and the first seal",
    "email.headerregistry": "the first e-mail, and a setting that names who sends it",
    "cryptography": "the first token",
    "joserfc": "the first sealed payload",
    "jwt": "the first token",
    "openai": "the first question to the language model",
    "opentelemetry": "where traces are exported",
    "prometheus_client": "the first scrape",
    "re2": "the first alert",
    "redis": "the first call",
    "shared.alerts.payloads": "the first alert",
    "shared.analytics.tables": "the first function that needs them, as all other features' code",
    "shared.hypotheses.knowledge": "the first analysis",
    "shared.incidents.ingest": "the first alert",
    "shared.notifications.sending": "the first notification",
    "shared.views": "the first function that needs them",
    **{f"functions.{feature}": "the first call of each function, which loads its file" for feature in FEATURES},
}


@cache
def loaded_at_start() -> frozenset[str]:
    values = json.loads((REPOSITORY / "local.settings.sample.json").read_text())["Values"] | NOWHERE
    listing = "import function_app, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", listing], cwd=REPOSITORY, env=values, capture_output=True, check=True, timeout=60
    )
    return frozenset(json.loads(done.stdout))


@pytest.mark.parametrize("later", LATER)
def test_a_start_does_not_load(later: str) -> None:
    assert "function_app" in loaded_at_start()
    assert [name for name in loaded_at_start() if name == later or name.startswith(f"{later}.")] == []


def test_a_start_loads_every_table_that_another_feature_refers_to() -> None:
    """A row is stored only where the tables that it refers to are known, whichever function is called first."""
    home = {mapper.class_.__tablename__: mapper.class_.__module__ for mapper in Base.registry.mappers}
    referred = {
        home[key.column.table.name]
        for table in METADATA.tables.values()
        for key in table.foreign_keys
        if home[key.column.table.name] != home[table.name]
    }
    assert "shared.access.tables" in referred
    assert referred <= loaded_at_start()


def test_every_mapped_table_is_among_all_of_them() -> None:
    """`scripts/rekey` and its timer find in them what is sealed."""
    files = (REPOSITORY / "shared").glob("*/*tables.py")
    written = {f"shared.{path.parent.name}.{path.stem}" for path in files}
    assert written >= {mapper.class_.__module__ for mapper in Base.registry.mappers}
    listing = "import shared.views.schema, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", listing], cwd=REPOSITORY, capture_output=True, check=True, timeout=60)
    assert written <= set(json.loads(done.stdout))
