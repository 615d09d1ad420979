"""The search for a history that disorder changes, as a command."""

import json
import subprocess
from pathlib import Path

PROGRAM = str(Path(__file__).parents[2] / "scripts" / "chaos")


def test_it_says_what_it_takes() -> None:
    shown = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True, timeout=60)
    assert all(option in shown.stdout for option in ("--property N", "--seed S", "--json"))
    refused = subprocess.run([PROGRAM], capture_output=True, text=True, check=False, timeout=120)
    assert (refused.returncode, "--property" in refused.stderr) == (2, True)


def test_it_lives_histories_through_on_services_of_its_own() -> None:
    command = [PROGRAM, "--property", "2", "--seed", "7", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found = json.loads(done.stdout)
    assert found.pop("seconds") > 0
    assert found == {"examples": 2, "seed": 7, "counterexample": None}
