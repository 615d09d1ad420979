"""Faults under traffic, and the search for a history that disorder changes, as a command."""

import json
import subprocess
from pathlib import Path

import pytest

PROGRAM = str(Path(__file__).parents[2] / "scripts" / "chaos")


def test_it_says_what_it_takes() -> None:
    shown = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True, timeout=60)
    assert all(
        option in shown.stdout
        for option in ("--alerts N", "--kills K", "--property N", "--pairs", "--seed S", "--json")
    )
    refused = subprocess.run([PROGRAM], capture_output=True, text=True, check=False, timeout=120)
    assert (refused.returncode, "--alerts" in refused.stderr) == (2, True)


def test_it_lives_histories_through_on_services_of_its_own() -> None:
    command = [PROGRAM, "--property", "2", "--seed", "7", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found = json.loads(done.stdout)
    assert found.pop("seconds") > 0
    assert found == {"examples": 2, "seed": 7, "counterexample": None}


@pytest.mark.stack
def test_a_stack_that_is_struck_under_traffic_loses_nothing_and_doubles_nothing() -> None:
    command = [PROGRAM, "--alerts", "300", "--kills", "3", "--seed", "17", "--hurry", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert (found["accepted"], len(found["blows"])) == (300, 3)
    assert [found[kind] for kind in ("lost", "doubled", "phantom", "gaps", "other")] == [0] * 5
    assert found["incidents"] > 10
