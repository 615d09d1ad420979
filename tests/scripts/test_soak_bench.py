"""A soak tells what grows from what was only filled."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.soak_bench import Sample, trends

PROGRAM = str(Path(__file__).parents[2] / "scripts" / "bench")
MINUTES = 30


def grown(*, memory: float = 0, files: float = 0, name: str = "host") -> dict[str, bool]:
    """What is said of a process that gains so much each minute after having filled for the first ten."""
    samples = [
        Sample(
            seconds=60 * minute,
            memory={name: 100 + 5 * min(minute, 10) + memory * minute + minute % 2},
            counts={"files": 60 + round(files * minute) + 5 * (minute % 2)},
        )
        for minute in range(MINUTES)
    ]
    return {one.name: one.grows for one in trends(samples)}


def test_what_only_fills_at_the_start_does_not_grow() -> None:
    assert grown() == {"memory of host, MB": False, "files": False}


@pytest.mark.parametrize(
    ("memory", "files", "found"),
    [(2, 0, ["memory of host, MB"]), (0, 4, ["files"]), (0.5, 1, [])],
    ids=["memory", "files", "within-the-limits"],
)
def test_what_goes_on_growing_is_named(memory: float, files: float, found: list[str]) -> None:
    assert [name for name, grows in grown(memory=memory, files=files).items() if grows] == found


def test_what_stands_for_a_service_of_azure_is_told_and_not_judged() -> None:
    assert grown(memory=5, name="azurite") == {"memory of azurite, MB": False, "files": False}


def test_it_loads_a_stack_of_its_own_and_everything_is_answered() -> None:
    done = subprocess.run(
        [PROGRAM, "soak", "--minutes", "0.3", "--json"], capture_output=True, text=True, check=False, timeout=400
    )
    assert done.returncode in {0, 1}, done.stderr  # a short run says nothing of what grows
    found = json.loads(done.stdout)
    assert found["alerts"] > 0
    assert found["failures"] == {}
    assert set(found["answers"]) == {"200", "201"}
    assert {"memory of host, MB", "files of postgres", "messages on queues"} <= {one["name"] for one in found["trends"]}
