"""Cases through the product with a language model beside the rules: a scripted one, over HTTP."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from scripts.evaluate import table
from scripts.evaluation.cases import read_cases, read_truths
from scripts.evaluation.figures import figures
from scripts.evaluation.pipeline import Pipeline
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from tests.fixtures import App, StoppedClock
from tests.model_server import ModelServer, asking_runtime, proposing, serve_model

ROOT: Final = Path(__file__).parents[3]
CASES: Final = ROOT / "tests" / "data" / "cases"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with serve_model() as found:
        found.steps = [proposing({"component": "nowhere", "cause_code": "disk_full", "evidence_for": ["E1"]})]
        yield found


@pytest.fixture
async def runtime(settings: Settings, clock: StoppedClock, server: ModelServer) -> AsyncIterator[Runtime]:
    async with asking_runtime(settings, clock, server) as found:
        yield found


async def test_the_figures_say_what_the_calls_of_all_cases_used_and_cost(
    app: App, clock: StoppedClock, server: ModelServer
) -> None:
    """Cases that make equal prompts share a call."""
    await app.carry()  # what other tests left on the queues
    server.asked.clear()
    pipeline = await Pipeline.start(app, clock, name="asking")
    results = [await pipeline.run(case, "model") for case in read_cases(CASES / "cases")[::15][:3]]
    calls = len(server.asked)
    assert 1 <= calls <= 3
    used = {(one.generator, one.tokens_in, one.cost_usd) for one in results}
    assert used <= {("model", 1_000, 0.00018), ("model", 0, 0)}
    found = figures(results, read_truths(CASES / "truth"))
    assert found["tokens_in"] == calls * 1_000
    assert found["cost_usd"] == pytest.approx(calls * 0.00018)
    assert found["citations"]["value"] == 1
    assert f"{calls * 1_000}, {calls * 0.00018:.4f}" in table(found)


def test_the_help_names_the_settings_of_the_model() -> None:
    said = subprocess.run([ROOT / "scripts" / "eval", "--help"], capture_output=True, text=True, check=True).stdout
    settings = [field.alias for name, field in Settings.model_fields.items() if name.startswith("model_")]
    assert [one for one in settings if str(one) not in said] == []
