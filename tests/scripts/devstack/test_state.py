from pathlib import Path

import pytest

from scripts.devstack.state import State, read_json, write_private


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_directory_is_its_owners_alone_even_when_it_was_open_before(tmp_path: Path) -> None:
    root = tmp_path / "state"
    root.mkdir(mode=0o755)

    state = State.open(root)

    assert [mode(folder) for folder in (state.root, state.data, state.logs, state.pidfiles)] == [0o700] * 4


def test_a_secret_stays_the_same_and_differs_from_others(tmp_path: Path) -> None:
    first = State.open(tmp_path).secret("pepper")

    assert State.open(tmp_path).secret("pepper") == first
    assert State.open(tmp_path).secret("session") != first
    assert len(first) >= 32
    assert mode(tmp_path / "secrets.json") == 0o600


def test_a_private_file_is_private_even_where_an_open_one_stood(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text("old")
    path.chmod(0o644)

    write_private(path, "new")

    assert (path.read_text(), mode(path)) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_file_cut_short_reads_as_empty(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pid.json"
    path.write_text(content)

    assert read_json(path) == {}


def test_a_missing_file_reads_as_empty(tmp_path: Path) -> None:
    assert read_json(tmp_path / "none.json") == {}
