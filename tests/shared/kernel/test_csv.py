"""What others wrote stays text in a spreadsheet."""

import csv
import io

import pytest

from shared.kernel.csv import csv_of

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20A1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_told_apart_by_an_apostrophe(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_of(["a"], [{"a": text}]).decode(), newline=""))
    assert row["a"] == f"'{text}"


@pytest.mark.parametrize(("value", "written"), [('a,b\n"c"', 'a,b\n"c"'), (-1.5, "-1.5"), (None, ""), ("1-1", "1-1")])
def test_all_else_is_as_it_was(value: object, written: str) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_of(["a", "b"], [{"a": value, "b": 1}]).decode(), newline=""))
    assert (row["a"], row["b"]) == (written, "1")
