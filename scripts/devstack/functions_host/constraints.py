"""ASP.NET Core's inline route constraints: `{id:int}`, `{name:length(2,8)}`, ..."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

type Constraint = Callable[[str], bool]


def _parses(parse: Callable[[str], object]) -> Constraint:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


def _matches(pattern: str) -> Constraint:
    found = re.compile(pattern, re.IGNORECASE)
    return lambda text: found.fullmatch(text) is not None


def _whole(bits: int) -> Constraint:
    """A signed decimal number that fits in `bits`."""
    bound = 1 << bits - 1
    return lambda text: re.fullmatch(r"[+-]?\d+", text, re.ASCII) is not None and -bound <= int(text) < bound


_NUMBER = r"[+-]?(\d[\d,]*\.?\d*|\.\d+)"
_BRACKETS = re.compile(r"\{(.*)\}|\((.*)\)")


def _guid(text: str) -> UUID:
    bracketed = _BRACKETS.fullmatch(text)
    return UUID(bracketed[1] or bracketed[2] if bracketed else text)


def _pair(arguments: str) -> tuple[int, int]:
    low, high = arguments.split(",")
    return int(low), int(high)


PLAIN: Final[dict[str, Constraint]] = {
    "alpha": _matches("[a-z]*"),
    "bool": _matches("true|false"),
    "datetime": _parses(datetime.fromisoformat),
    "decimal": _matches(_NUMBER),
    "double": _matches(_NUMBER + r"(e[+-]?\d+)?|[+-]?infinity|nan"),
    "float": _matches(_NUMBER + r"(e[+-]?\d+)?|[+-]?infinity|nan"),
    "guid": _parses(_guid),
    "int": _whole(32),
    "long": _whole(64),
    "required": bool,
}
"""Constraints without arguments. `datetime` knows ISO 8601 only, where .NET accepts any invariant form."""


def _length(arguments: str) -> Constraint:
    low, high = _pair(arguments) if "," in arguments else (int(arguments), int(arguments))
    return lambda text: low <= len(text) <= high


def _bounds(low: int | None, high: int | None) -> Constraint:
    whole = _whole(64)
    return lambda text: whole(text) and (low is None or low <= int(text)) and (high is None or int(text) <= high)


def _regex(pattern: str) -> Constraint:
    try:
        found = re.compile(pattern, re.IGNORECASE)
    except re.PatternError as error:
        raise ValueError(f"The constraint 'regex({pattern})' is not a regular expression: {error}") from error
    return lambda text: found.search(text) is not None


def _min_length(argument: str) -> Constraint:
    low = int(argument)
    return lambda text: len(text) >= low


def _max_length(argument: str) -> Constraint:
    high = int(argument)
    return lambda text: len(text) <= high


WITH_ARGUMENTS: Final[dict[str, Callable[[str], Constraint]]] = {
    "length": _length,
    "max": lambda argument: _bounds(None, int(argument)),
    "maxlength": _max_length,
    "min": lambda argument: _bounds(int(argument), None),
    "minlength": _min_length,
    "range": lambda arguments: _bounds(*_pair(arguments)),
    "regex": _regex,
}


def constraint(text: str) -> Constraint:
    """The check that `name` or `name(arguments)` asks for. Raises ValueError for an unknown or malformed one."""
    name, opening, rest = text.partition("(")
    if not opening and name.lower() in PLAIN:
        return PLAIN[name.lower()]
    if opening and rest.endswith(")") and name.lower() in WITH_ARGUMENTS:
        return WITH_ARGUMENTS[name.lower()](rest[:-1])
    raise ValueError(f"The constraint reference '{text}' could not be resolved.")
