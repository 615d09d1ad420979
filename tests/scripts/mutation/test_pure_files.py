"""The table of files that are tried with mutants says what is there."""

from pathlib import Path

import pytest

from scripts.mutation.pure_files import TESTS_OF

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "mutation-testing.md").read_text()


@pytest.mark.parametrize("file", TESTS_OF, ids=str)
def test_each_file_exists_and_has_tests_and_figures(file: Path) -> None:
    assert (ROOT / file).is_file()
    assert TESTS_OF[file]
    assert all("\ndef test_" in (ROOT / test).read_text() for test in TESTS_OF[file])
    assert f"| `{file}` |" in PAGE
