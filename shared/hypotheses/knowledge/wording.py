"""The form of a signature: a wording, in whatever style of spelling, and what it says about the cause."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from shared.hypotheses.values import CauseCode

NEVER_RAN: Final = (CauseCode.CRASH_LOOP, CauseCode.MEMORY_EXHAUSTION, CauseCode.BAD_PROBE, CauseCode.DEADLOCK)
"""Causes that need a process that has started."""

_WORD_EDGE: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CLAUSE_END: Final = re.compile(r"[.,;:!?](?=\s|$)|\n")
_NOT_A_WORD: Final = re.compile(r"[^\w%;]+|_")
_NEGATIONS: Final = (" no ", " not ", " without ", " zero ", " 0 ")
_DENIALS: Final = (" false", " is ok", " ok ", " is steady", " none ")
_UP_TO_FOUR_WORDS: Final = r" (?:[\w%]+ ){0,4}?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a wording says: the causes it points at, each with a strength in 0-1, and those it speaks against."""

    name: str
    pattern: re.Pattern[str]
    meaning: str
    points: Mapping[CauseCode, float]
    against: tuple[CauseCode, ...] = ()

    def shows_in(self, spelled: str) -> bool:
        """Whether `words(text)` has the wording. What is directly negated does not count."""
        return any(
            not f" {spelled[: found.start()]}".endswith(_NEGATIONS)
            and not f"{spelled[found.end() :]} ".startswith(_DENIALS)
            for found in self.pattern.finditer(spelled)
        )


def words(text: str) -> str:
    """One spelling for all styles: "PodOOMKilled" and "pod_oom_killed" → "pod oom killed"; a clause ends in " ; "."""
    clauses = _CLAUSE_END.sub(" ; ", _WORD_EDGE.sub(" ", text))
    return " ".join(_NOT_A_WORD.sub(" ", clauses).lower().split())


def wording(
    name: str, pattern: str, meaning: str, points: Mapping[CauseCode, float], *, against: tuple[CauseCode, ...] = ()
) -> Signature:
    """A signature; in its pattern, `~` stands for a space with up to four words in it."""
    return Signature(
        name=name,
        pattern=re.compile(pattern.replace("~", _UP_TO_FOUR_WORDS)),
        meaning=meaning,
        points=MappingProxyType(dict(points)),
        against=against,
    )
