"""Files that a spreadsheet, a program and a person can open."""

import csv
import io
import json

import pytest

from shared.audit.formats import csv_line, flattened, json_line
from tests.shared.kernel.test_csv import FORMULAS


@pytest.mark.parametrize("text", [*FORMULAS, '=cmd|" /c calc"!a1'])
def test_no_text_becomes_a_formula(text: str) -> None:
    ((cell,),) = csv.reader(io.StringIO(csv_line([text]), newline=""))
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", ["", "a, b", 'say "hi"', "two\nlines", "ü€🚒", "a=b", "1-2"])
def test_other_text_stays_as_it_is(text: str) -> None:
    ((cell, _),) = csv.reader(io.StringIO(csv_line([text, "x"]), newline=""))
    assert cell == text


def test_numbers_objects_and_nothing_have_their_usual_form() -> None:
    assert csv_line([-1.5, None, {"a": [1]}, True]) == '-1.5,,"{""a"":[1]}",True\r\n'


def test_a_line_of_json_is_one_line() -> None:
    line = json_line({"note": "two\nlines", "name": "ü"})
    assert line.count("\n") == 1
    assert json.loads(line) == {"note": "two\nlines", "name": "ü"}


def test_a_column_may_be_a_field_within_a_field() -> None:
    assert flattened({"at": 1, "actor": {"name": "Ann"}}, ["actor.name", "at"]) == ["Ann", 1]
