"""Label matchers, as AlertManager has them. Patterns are people's own, so they run in time linear to the text (RE2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import re2

_MAX_PROGRAM_BYTES: Final = 1 << 20


class Operator(StrEnum):
    """How a label's value is compared. A pattern has to match the whole value."""

    EQUAL = "="
    NOT_EQUAL = "!="
    MATCHES = "=~"
    MATCHES_NOT = "!~"


PATTERNS: Final = frozenset({Operator.MATCHES, Operator.MATCHES_NOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """One condition on one label; a label that is absent counts as empty."""

    label: str
    operator: Operator
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the condition holds for these labels."""
        found = labels.get(self.label, "")
        match self.operator:
            case Operator.EQUAL:
                return found == self.value
            case Operator.NOT_EQUAL:
                return found != self.value
            case Operator.MATCHES:
                return _compiled(self.value).fullmatch(found) is not None
            case Operator.MATCHES_NOT:
                return _compiled(self.value).fullmatch(found) is None


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether every matcher holds for these labels."""
    return all(one.matches(labels) for one in matchers)


def check_pattern(pattern: str) -> None:
    """Let a pattern pass that can be run. Raises `ValueError`."""
    try:
        _compiled(pattern)
    except re2.error:
        raise ValueError("is not a regular expression that RE2 accepts") from None


@lru_cache(maxsize=1_024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MAX_PROGRAM_BYTES
    options.log_errors = False
    return re2.compile(pattern, options)
