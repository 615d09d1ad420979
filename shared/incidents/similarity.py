"""How alike two incidents are, and in what. Arithmetic alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

ENOUGH: Final = 0.15  # less in common is chance
MAX_NAMES: Final = 20
"""How many names of its alerts an incident is known by: the first ones of the alphabet."""

_HALVED_BY: Final = timedelta(days=365)  # what is older by this counts half
_WORD: Final = re.compile(r"[A-Z][a-z]{2,}|[a-z]{3,}|[A-Z]{3,}")
_SAYS_NOTHING: Final = frozenset({"the", "and", "for", "has", "not", "are", "was", "its", "than", "with", "been"})


class Trait(StrEnum):
    """What two incidents may have in common, most telling first."""

    PROBLEM = "problem"
    ALERTS = "alerts"
    SERVICE = "service"
    WORDS = "words"
    LABELS = "labels"


WEIGHTS: Final[Mapping[Trait, float]] = {
    Trait.PROBLEM: 0.35,
    Trait.ALERTS: 0.25,
    Trait.SERVICE: 0.2,
    Trait.WORDS: 0.15,
    Trait.LABELS: 0.05,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """An incident as far as likeness goes: by trait, the features that it has."""

    id: UUID
    opened_at: datetime
    features: Mapping[Trait, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike an incident is, 0 to 1, and by trait what it shares."""

    id: UUID
    score: float
    shared: Mapping[Trait, frozenset[str]]


def words_of(title: str) -> frozenset[str]:
    """Return the words of a title that may tell something; names made by machines have none."""
    return frozenset(word.lower() for word in _WORD.findall(title)) - _SAYS_NOTHING


def likeness(one: Portrait, other: Portrait) -> Likeness:
    """Compare two incidents: of each trait the share of features that both have, weighted; less for what is old."""
    shared = {trait: one.features[trait] & other.features[trait] for trait in Trait}
    overlap = sum(
        WEIGHTS[trait] * len(both) / len(one.features[trait] | other.features[trait])
        for trait, both in shared.items()
        if both
    )
    age = abs(one.opened_at - other.opened_at) / _HALVED_BY
    return Likeness(
        id=other.id,
        score=overlap / (1 + age),
        shared={trait: both for trait, both in shared.items() if both},
    )
