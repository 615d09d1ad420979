"""Comma-separated values (RFC 4180) that spreadsheets only read."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # and full-width ones


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return a table in UTF-8, with a line of column names first.

    A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV injection").
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return written.getvalue().encode()


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula, whoever wrote it."""
    return text.lstrip(" ").startswith(_STARTS_FORMULA)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and is_formula(value) else value
