"""What makes incidents alike."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.incidents.similarity import ENOUGH, WEIGHTS, Portrait, Trait, likeness, words_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def portrait(features: dict[str, str], *, days_ago: int = 0) -> Portrait:
    found = {trait: frozenset(features.get(trait.value, "").split()) for trait in Trait}
    return Portrait(id=uuid4(), opened_at=NOW - timedelta(days=days_ago), features=found)


FULL = {"problem": "p", "alerts": "HighLatency", "service": "checkout", "words": "latency checkout", "labels": "team=a"}


def test_the_same_is_fully_alike() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    found = likeness(portrait(FULL), portrait(FULL))
    assert found.score == pytest.approx(1)
    assert found.shared[Trait.WORDS] == {"checkout", "latency"}


def test_nothing_in_common_is_not_alike() -> None:
    found = likeness(portrait(FULL), portrait({"problem": "q", "service": "search"}))
    assert (found.score, found.shared) == (0, {})


def test_what_is_old_counts_less() -> None:
    recent, old = (likeness(portrait(FULL), portrait(FULL, days_ago=days)).score for days in (1, 365))
    assert recent > old == pytest.approx(0.5)


def test_the_service_alone_is_enough_and_a_team_is_not() -> None:
    assert likeness(portrait(FULL), portrait({"service": "checkout"})).score >= ENOUGH
    assert likeness(portrait(FULL), portrait({"labels": "team=a"})).score < ENOUGH


def test_words_are_those_that_people_wrote() -> None:
    title = "KubePodCrashLooping: Pod checkout-7f9c9d1b-x2x1 of the API is 93% OOM"
    assert words_of(title) == {"kube", "pod", "crash", "looping", "checkout", "api", "oom"}
