"""A cold start pays for every import, so heavy libraries load where they are first used."""

import json
import subprocess
import sys
from pathlib import Path

from tests.shared.platform.offline import NOWHERE

REPOSITORY = Path(__file__).parent.parent
HEAVY = (
    "aiohttp",
    "alembic",
    "azure.data",
    "azure.identity",
    "azure.messaging",
    "azure.monitor",
    "azure.storage",
    "joserfc",
    "openai",
    "redis",
)


def test_starting_the_app_loads_no_heavy_library() -> None:
    values = json.loads((REPOSITORY / "local.settings.sample.json").read_text())["Values"] | NOWHERE
    listing = "import function_app, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", listing], cwd=REPOSITORY, env=values, capture_output=True, check=True, timeout=60
    )
    loaded = json.loads(done.stdout)
    assert "function_app" in loaded
    assert [name for name in loaded if name.startswith(tuple(f"{heavy}." for heavy in HEAVY)) or name in HEAVY] == []
