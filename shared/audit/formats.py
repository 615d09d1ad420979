"""Entries as files have them: CSV (RFC 4180) and JSON Lines. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.kernel.csv import is_formula


def csv_line(values: Iterable[Any]) -> str:
    """Return a line of CSV that no spreadsheet takes for formulas. Objects and lists are written as JSON."""
    written = io.StringIO()
    csv.writer(written).writerow([_cell(value) for value in values])
    return written.getvalue()


def json_line(value: Mapping[str, Any]) -> str:
    """Return a line of JSON Lines."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def flattened(value: Mapping[str, Any], columns: Sequence[str]) -> list[Any]:
    """Return the values of columns such as `actor.name`, which is a field within a field."""
    return [_within(value, column) for column in columns]


def _within(value: Mapping[str, Any], column: str) -> Any:
    outer, _, inner = column.partition(".")
    return value[outer][inner] if inner else value[outer]


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, str) and is_formula(value):
        return f"'{value}"
    return value
