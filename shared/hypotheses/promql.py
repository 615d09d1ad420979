"""PromQL as far as we write and read it: matchers from names that others chose, and the expressions of alerts."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

MAX_EXPRESSION: Final = 2_000
"""Characters of an alert's expression. A longer one would make a URL that not every server takes."""

_EXPRESSION: Final = "g0.expr"
_QUOTES: Final = "\"'`"
_TOKEN: Final = re.compile(r"==|!=|>=|<=|>|<|\b(?:and|or|unless)\b", re.IGNORECASE)
_BOOL: Final = re.compile(r"\s*bool\b", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[-+]?(\d[\d_]*(\.\d*)?|\.\d+)(e[-+]?\d+)?|[-+]?inf|nan", re.IGNORECASE)
_OPEN: Final = "([{"
_CLOSED: Final = ")]}"


def equals(label: str, value: str) -> str:
    """A matcher of a label's value. `label` is ours; the value may hold anything."""
    return f"{label}={quoted(value)}"


def matches(label: str, pattern: str) -> str:
    """A matcher of a label by a regular expression of RE2, which Prometheus anchors at both ends."""
    return f"{label}=~{quoted(pattern)}"


def one_of(values: Iterable[str]) -> str:
    """The regular expression of these texts and no other."""
    return "|".join(re.escape(value) for value in values)


def quoted(text: str) -> str:
    """A string literal of PromQL, which takes JSON's escapes."""
    return json.dumps(text, ensure_ascii=False)


def expression_of(url: str) -> str | None:
    """The expression that a generator's URL shows, as Prometheus and its kin, or Grafana's Explore, write it.

    None where it shows none in a plain way, or one that is too long.
    """
    try:
        parts = urlsplit(url)
        # The page of VictoriaMetrics has its parameters behind the fragment sign.
        asked = parse_qs(parts.query) | parse_qs(parts.fragment.partition("?")[2])
    except ValueError:
        return None
    found = asked.get(_EXPRESSION) or list(_explored([*asked.get("left", []), *asked.get("panes", [])]))
    expression = found[0].strip() if found else ""
    return expression if 0 < len(expression) <= MAX_EXPRESSION and "\0" not in expression else None


def measured(expression: str) -> str:
    """What an alert's expression compares with its threshold: `a / b > 0.9` shows nothing of the time below it.

    The expression itself where it is no single comparison.
    """
    operators = list(_top_level(expression))
    if len(operators) != 1 or operators[0][0].isalpha():
        return expression
    operator, place = operators[0]
    left, right = expression[:place].strip(), _BOOL.sub("", expression[place + len(operator) :]).strip()
    side = right if _NUMBER.fullmatch(left) else left
    return side or expression


def _explored(texts: Iterable[str]) -> Iterator[str]:
    """The expressions in the state of Grafana's Explore."""
    for text in texts:
        try:
            yield from _expressions(json.loads(text))
        except (ValueError, RecursionError):
            continue


def _expressions(state: Any) -> Iterator[str]:
    """Whatever is called `expr`, however deep: the shape of the state has changed with every few versions."""
    if isinstance(state, dict):
        if isinstance(found := state.get("expr"), str):
            yield found
        state = list(state.values())
    if isinstance(state, list):
        for one in state:
            yield from _expressions(one)


def _top_level(expression: str) -> Sequence[tuple[str, int]]:
    """The comparisons and set operators outside of all brackets, with their places."""
    bare, depth, quote, skip = [], 0, "", False
    for place, sign in enumerate(expression):
        if quote:
            escaped = skip
            skip = sign == "\\" and not escaped and quote != "`"
            if sign == quote and not escaped:
                quote = ""
        elif sign in _QUOTES:
            quote = sign
        elif sign == "#":
            return []  # a comment: what would be left of the line is nobody's to guess
        elif sign in _OPEN:
            depth += 1
        elif sign in _CLOSED:
            depth -= 1
        elif depth == 0:
            bare.append((place, sign))
            continue
        bare.append((place, "_"))
    return [(found[0], found.start()) for found in _TOKEN.finditer("".join(sign for _, sign in bare))]
