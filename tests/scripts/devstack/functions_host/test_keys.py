import stat
from pathlib import Path

import pytest

from scripts.devstack.functions_host.keys import Keys, presented_key

KEYS = Keys(master="master", host="host", functions={"mine": "mine", "other": "other"})


@pytest.mark.parametrize(
    ("level", "admitted"),
    [
        ("ANONYMOUS", {"", "wrong", "other", "mine", "host", "master"}),
        ("FUNCTION", {"mine", "host", "master"}),
        ("ADMIN", {"master"}),
    ],
)
def test_a_level_admits_its_keys_only(level: str, admitted: set[str]) -> None:
    presented = {"", "wrong", "other", "mine", "host", "master"}
    assert {key for key in presented if KEYS.admits(level, "mine", key)} == admitted


@pytest.mark.parametrize(
    ("headers", "query", "expected"),
    [({}, {}, ""), ({}, {"code": "q"}, "q"), ({"x-functions-key": "h"}, {"code": "q"}, "h")],
)
def test_the_header_wins_over_the_query(headers: dict[str, str], query: dict[str, str], expected: str) -> None:
    assert presented_key(headers, query) == expected


def test_keys_are_kept_for_the_next_start_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = Keys.at(path, ["a"])
    second = Keys.at(path, ["a", "b"])
    assert (second.master, second.host, second.functions["a"]) == (first.master, first.host, first.functions["a"])
    assert second.functions["b"] not in {"", first.functions["a"]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
