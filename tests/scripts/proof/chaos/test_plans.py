"""Traffic and blows are drawn from a seed, and have the shares that are promised."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from scripts.proof.chaos.blows import NEVER_REACHED, Kind, Part, plan, points
from scripts.proof.chaos.traffic import (
    HOT_SHARE,
    MAX_HOT,
    REPEATED_SHARE,
    SENDERS,
    Fact,
    Notification,
    expected,
    traffic,
)

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def told() -> list[Notification]:
    return traffic(7, 5_000, 60.0)


def test_the_same_seed_tells_the_same_and_another_something_else(told: list[Notification]) -> None:
    assert traffic(7, 5_000, 60.0) == told
    assert traffic(8, 5_000, 60.0) != told


def test_traffic_is_as_large_as_hot_and_as_repetitive_as_promised(told: list[Notification]) -> None:
    facts = [(one.integration, fact) for one in told for fact in one.facts]
    hot = [fact.problem for _, fact in facts if fact.problem.startswith("Hot")]
    repeated = sum(count - 1 for count in Counter(facts).values())
    assert len(facts) == 5_000
    assert len(hot) / len(facts) == pytest.approx(HOT_SHARE, abs=0.05)
    assert len(set(hot)) <= MAX_HOT
    assert repeated / len(facts) >= REPEATED_SHARE
    assert {one.sender for one in told} == set(range(SENDERS))
    assert max(one.at for one in told) <= 60.0


def test_some_problems_end_and_some_go_on(told: list[Notification]) -> None:
    found = expected(told, BEGINNING)
    assert {True, False} == set(found.firing.values())
    assert all(fired for fired, _ in found.episodes.values())
    assert found.bad


def test_what_is_told_counts_whatever_its_order() -> None:
    fires, ends = Fact("Hot1", "a", 1.0), Fact("Hot1", "a", 1.0, 2.0)
    messages = [Notification(at=0, sender=0, problem="Hot1", facts=(fact,)) for fact in (fires, ends, fires)]
    assert expected(messages, BEGINNING) == expected(messages[::-1], BEGINNING)
    assert list(expected(messages, BEGINNING).episodes.values()) == [(True, True)]
    assert list(expected(messages[1:2], BEGINNING).firing) == []


def test_every_blow_falls_before_any_falls_twice() -> None:
    one, other = plan(3, 200, 1_000.0), plan(3, 200, 1_000.0)
    assert one == other
    assert [blow.at for blow in one] == sorted(blow.at for blow in one)
    crashes = Counter(blow.point for blow in one if blow.kind is Kind.CRASH)
    assert crashes.keys() == {point for point in points() if not point.startswith(NEVER_REACHED)}
    assert max(crashes.values()) - min(crashes.values()) <= 1
    assert {blow.kind for blow in one} == set(Kind)


def test_azurite_is_never_killed() -> None:
    killed = {part for blow in plan(0, 500, 1_000.0) if blow.kind is Kind.KILL for part in blow.parts}
    assert killed == set(Part) - {Part.AZURITE}
