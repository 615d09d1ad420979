"""The shipped cases through the whole product, by rules alone, against floors that may only rise."""

from pathlib import Path
from typing import Final

import pytest

from scripts.evaluation.cases import read_cases, read_truths
from scripts.evaluation.figures import figures
from scripts.evaluation.pipeline import Pipeline
from tests.fixtures import App, StoppedClock

CASES: Final = Path(__file__).parents[2] / "data" / "cases"

# Of each set: the least share of cases with component and cause together first, among the first three, and the least
# share of healthy ones that are read as such.
FLOORS: Final = {
    "holmes-*": (0.85, 1.0, 1.0),
    "opensre-eks-*": (0.99, 0.99, 0.99),
    "opensre-rds-*": (0.83, 0.91, 0.99),
}


@pytest.mark.parametrize("chosen", FLOORS)
async def test_the_shipped_cases_are_explained_as_well_as_ever(app: App, clock: StoppedClock, chosen: str) -> None:
    cases = [case for case in read_cases(CASES / "cases") if Path(case.id).match(chosen)]
    pipeline = await Pipeline.start(app, clock, name=chosen.strip("*-"))
    results = [await pipeline.run(case, "rules") for case in cases]
    found = figures(results, read_truths(CASES / "truth"))
    first, among_three, healthy = FLOORS[chosen]
    both = found["component_and_cause"]
    assert both["a@1"]["value"] >= first
    assert both["a@3"]["value"] >= among_three
    assert found["abstention"]["recall"]["value"] >= healthy
    assert found["citations"]["value"] == 1
