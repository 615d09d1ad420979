"""Trials of a small project of their own, in a process of their own: they fork."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILE = "LEAST = 1\n\n\ndef double(number: int) -> int:\n    return number + number\n"
TESTS = "from thing import double\n\n\ndef test_double() -> None:\n    assert double(2) == 4\n"
TRY = """
import json
from pathlib import Path
from scripts.mutation.trials import TestsBroken, Trials

file = Path("thing.py")
trials = Trials(file, [Path("test_thing.py")])
trials.prepare()
fates = [trials.of(source) for source in json.loads(Path("sources.json").read_text())]
try:
    Trials(file, [Path("test_nothing.py")]).prepare()
except TestsBroken:
    fates.append("broken")
print(json.dumps(fates))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "thing.py").write_text(FILE)
    (tmp_path / "test_thing.py").write_text(TESTS)
    sources = [
        FILE.replace("LEAST = 1", "LEAST = 2"),
        FILE.replace("number + number", "number * 2"),
        FILE.replace("number + number", "number - number"),
        FILE.replace("LEAST = 1", "LEAST = None + 1"),
        FILE.replace("    return", "    while True:\n        pass\n    return"),
    ]
    (tmp_path / "sources.json").write_text(json.dumps(sources))
    return tmp_path


def test_a_mutant_is_noticed_or_survives_and_one_without_end_is_ended(project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{project}"}
    ended = subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == ["survived", "survived", "killed", "killed", "timeout", "broken"]
    assert (project / "thing.py").read_text() == FILE
