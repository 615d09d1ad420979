"""Alerts as values: identity, severity, and the join of what is known of an episode."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.alerts.values import (
    MAX_TITLE,
    AlertStatus,
    Content,
    Delivery,
    Episode,
    Severity,
    episode_of,
    episodes_of,
    fingerprint_of,
    join,
    service_of,
    severity_of,
    title_of,
)

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("labels", "fingerprint"),
    [
        ({}, "cbf29ce484222325"),
        ({"alertname": "Minimal"}, "918ba11728233b87"),
        ({"alertname": "HighErrorRate", "service": "checkout"}, "e2c3a7f7be80496b"),
        ({"service": "checkout", "alertname": "HighErrorRate"}, "e2c3a7f7be80496b"),
    ],
)
def test_the_fingerprint_is_alertmanagers_own(labels: dict[str, str], fingerprint: str) -> None:
    assert fingerprint_of(labels) == fingerprint


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("page", "critical"), ("P1", "critical"), ("sev1", "critical"), ("disaster", "critical"),
        ("error", "high"), ("p2", "high"), ("warning", "medium"), ("p3", "medium"), (" Info ", "info"), ("low", "low"),
        ("unheard-of", "medium"), ("", "medium"),
    ],
)  # fmt: skip
def test_severity_words_of_every_house_map_to_ours(word: str, severity: str) -> None:
    assert severity_of({"severity": word}) is Severity(severity)


def test_severity_may_stand_under_another_name() -> None:
    assert severity_of({"priority": "P1"}) is Severity.CRITICAL


def test_the_service_is_the_first_label_that_names_one() -> None:
    assert service_of({"job": "node", "app": "shop"}) == "shop"
    assert service_of({"service": "", "deployment": "web"}) == "web"
    assert service_of({"pod": "web-1"}) == ""


def test_the_title_is_the_summary_in_one_line() -> None:
    assert title_of({"alertname": "Down"}, {"summary": " It  is\ndown "}) == "It is down"
    assert title_of({"alertname": "Down"}, {}) == "Down"
    assert title_of({}, {}) == "Unnamed alert"
    assert len(title_of({}, {"summary": "x" * 1_000})) == MAX_TITLE


def delivery(status: AlertStatus, *, text: str = "", ends: int | None = None, name: str = "f") -> Delivery:
    return Delivery(
        fingerprint=name,
        starts_at=START,
        status=status,
        ends_at=START + timedelta(minutes=ends) if ends is not None else None,
        labels={"alertname": "A"},
        annotations={"summary": text},
        group={},
    )


deliveries = st.builds(
    delivery,
    st.sampled_from(AlertStatus),
    text=st.sampled_from(["one", "two", "three"]),
    ends=st.none() | st.integers(0, 5),
)
episodes = st.builds(lambda one: episode_of(one, START), deliveries)


@given(episodes, episodes, episodes)
def test_the_join_is_commutative_associative_and_idempotent(a: Episode, b: Episode, c: Episode) -> None:
    assert join(a, b) == join(b, a)
    assert join(join(a, b), c) == join(a, join(b, c))
    assert join(a, a) == a


@given(
    st.lists(deliveries, min_size=1, max_size=8).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some)))
)
def test_any_order_and_any_repetition_add_up_alike(pair: tuple[list[Delivery], list[Delivery]]) -> None:
    one, other = pair
    assert episodes_of(one, {}, START) == episodes_of([*other, *other], {}, START)


def test_what_is_known_only_grows() -> None:
    (episode,) = episodes_of(
        [delivery(AlertStatus.RESOLVED, ends=3), delivery(AlertStatus.FIRING), delivery(AlertStatus.RESOLVED, ends=1)],
        {},
        START,
    )
    assert (episode.fired, episode.resolved, episode.ends_at) == (True, True, START + timedelta(minutes=3))


def test_an_alert_without_a_start_belongs_to_the_open_episode_or_begins_one() -> None:
    unsaid = Delivery(
        fingerprint="f",
        starts_at=None,
        status=AlertStatus.FIRING,
        ends_at=None,
        labels={"alertname": "A"},
        annotations={},
        group={},
    )
    now = START + timedelta(hours=1)
    assert episodes_of([unsaid], {"f": START}, now)[0].starts_at == START
    assert episodes_of([unsaid], {}, now)[0].starts_at == now


def test_all_that_a_delivery_says_of_its_alert_is_in_the_digest() -> None:
    first = delivery(AlertStatus.FIRING)
    others: dict[str, Any] = {
        "labels": {"alertname": "Another"},
        "annotations": {"summary": "another"},
        "generator_url": "http://prometheus.example.com/another",
        "group": {"team": "another"},
        "cut": True,
    }
    assert others.keys() == {field.name for field in fields(Content)}
    digests = [episode_of(replace(first, **{name: value}), START).content_hash for name, value in others.items()]
    assert len({episode_of(first, START).content_hash, *digests}) == len(others) + 1
