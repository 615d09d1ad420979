"""The shell part: which Python is taken, and what happens when there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.devstack.state import REPOSITORY

# What runs our own interpreter, without the virtual environment.
PYTHON = Path(sys.base_prefix) / "bin/python3.13"
TOOLS = "/usr/bin:/bin"


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f"set -eu; UV=false; . scripts/lib/bootstrap.sh; {command}"],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=environment,
    )


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_shim_that_refuses_does_not_end_the_search(tmp_path: Path) -> None:
    program(tmp_path / "shims/python3.13", "echo 'pyenv: version 3.13 is not installed' >&2; exit 127")
    real = program(tmp_path / "pyenv/versions/3.13.9/bin/python3.13", f'exec {PYTHON} "$@"')

    found = shell("find_python", PATH=f"{tmp_path}/shims:{TOOLS}", PYENV_ROOT=f"{tmp_path}/pyenv", HOME=str(tmp_path))

    assert found.stdout.strip() == str(real)


def test_the_first_python_of_the_path_that_is_3_13_is_taken(tmp_path: Path) -> None:
    program(tmp_path / "old/python3", "exit 1")
    real = program(tmp_path / "new/python3", f'exec {PYTHON} "$@"')

    found = shell("find_python", PATH=f"{tmp_path}/old:{tmp_path}/new:{TOOLS}", HOME=str(tmp_path))

    assert found.stdout.strip() == str(real)


def test_without_any_python_the_command_that_helps_is_named(tmp_path: Path) -> None:
    for name in ("sh", "sed", "tail", "date", "tr"):
        (tmp_path / name).symlink_to(f"/bin/{name}")
    # A folder of its own, where nobody has made uv yet.
    (tmp_path / "scripts").symlink_to(REPOSITORY / "scripts")

    ended = shell(f"cd {tmp_path}; find_any_python() {{ return 1; }}; find_uv", PATH=str(tmp_path), HOME=str(tmp_path))

    assert ended.returncode == 1
    assert "apt-get install python3" in ended.stderr


@pytest.mark.parametrize("name", ["start", "stop", "demo", "check", "fix", "lock", "test"])
def test_every_script_explains_itself_from_any_folder(tmp_path: Path, name: str) -> None:
    ended = subprocess.run(
        [REPOSITORY / "scripts" / name, "--help"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
    )

    assert ended.stdout.startswith(f"Usage: ./scripts/{name}")
    assert "set -eu" not in ended.stdout
