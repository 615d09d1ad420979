"""Alerts as values: identity, severity, and the join of what is known of an episode."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.alerts.values import (
    MAX_ANNOTATION_BYTES,
    MAX_LABEL_NAME,
    MAX_LABEL_VALUE,
    MAX_LABELS,
    MAX_SERVICE,
    MAX_TITLE,
    MAX_TRUNCATED,
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


WORDS = {  # of every house, by the severity that they mean
    "critical": "critical crit page p1 sev1 sev0 p0 disaster fatal emergency 1",
    "high": "high error major p2 sev2 severe 2",
    "medium": "medium warning warn average moderate p3 sev3 3",
    "low": "low minor ticket p4 sev4 4",
    "info": "info informational information notice none debug p5 5",
}
SAID = [(severity, word) for severity, words in WORDS.items() for word in words.split()]


@pytest.mark.parametrize(("severity", "word"), SAID)
def test_severity_words_of_every_house_map_to_ours(severity: str, word: str) -> None:
    other = "low" if severity == "critical" else "critical"
    assert severity_of({"severity": f" {word.title()} ", "priority": other}) is Severity(severity)


@pytest.mark.parametrize("labels", [{}, {"severity": ""}, {"severity": "unheard-of"}])
def test_what_says_no_severity_that_we_know_is_of_medium_severity(labels: dict[str, str]) -> None:
    assert severity_of(labels) is Severity.MEDIUM


@pytest.mark.parametrize("name", ["severity", "priority", "level"])
def test_severity_may_stand_under_another_name(name: str) -> None:
    assert severity_of({"severity": "unheard-of", name: "P1"}) is Severity.CRITICAL


def test_a_project_s_own_words_count_first() -> None:
    own = {"p1": Severity.LOW, "burning": Severity.HIGH}
    assert severity_of({"severity": "P1"}, words=own) is Severity.LOW
    assert severity_of({"severity": "burning"}, words=own) is Severity.HIGH
    assert severity_of({"severity": "p2"}, words=own) is Severity.HIGH


def test_severities_are_in_order_and_stored_under_these_names() -> None:
    assert [one.value for one in Severity] == ["critical", "high", "medium", "low", "info"]
    assert [one.value for one in AlertStatus] == ["firing", "resolved"]


def test_the_limits_are_those_that_are_documented() -> None:
    assert (MAX_LABELS, MAX_LABEL_NAME, MAX_LABEL_VALUE, MAX_ANNOTATION_BYTES) == (64, 128, 1_024, 8_192)
    assert (MAX_TITLE, MAX_SERVICE, MAX_TRUNCATED) == (300, 200, 1_000_000)


def test_the_service_is_the_first_label_that_names_one() -> None:
    names = ("service", "app", "job", "deployment")
    assert [service_of({name: name for name in names[first:]}) for first in range(len(names))] == list(names)
    assert service_of({"service": "", "deployment": "web"}) == "web"
    assert service_of({"pod": "web-1"}) == ""
    assert service_of({"app": "x" * 201}) == "x" * 200


def test_the_title_is_the_summary_in_one_line() -> None:
    assert title_of({"alertname": "Down"}, {"summary": " It  is\ndown "}) == "It is down"
    assert title_of({"alertname": "Down"}, {"title": "Shop is down"}) == "Shop is down"
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


def test_a_start_that_is_not_said_is_when_a_resolved_alert_ended() -> None:
    (episode,) = episodes_of([replace(delivery(AlertStatus.RESOLVED, ends=3), starts_at=None)], {}, START)
    assert episode.starts_at == START + timedelta(minutes=3)


def test_an_episode_knows_what_its_delivery_says() -> None:
    soon = START + timedelta(minutes=5)
    fires = replace(delivery(AlertStatus.FIRING, ends=3), expires_at=soon)
    assert episode_of(fires, START) == Episode(
        fingerprint="f",
        starts_at=START,
        fired=True,
        resolved=False,
        ends_at=None,
        expires_at=soon,
        content=Content(labels={"alertname": "A"}, annotations={"summary": ""}, generator_url="", group={}, cut=False),
        content_hash="26d703dd9904dcb6f883f285e68867ee8",
    )
    over = episode_of(replace(fires, status=AlertStatus.RESOLVED), START)
    assert (over.fired, over.resolved, over.ends_at, over.expires_at) == (False, True, fires.ends_at, None)


@pytest.mark.parametrize("minutes", [(1, 2), (2, 1), (None, 2), (2, None)])
def test_an_alert_counts_as_firing_until_the_latest_of_its_ends(minutes: tuple[int | None, int | None]) -> None:
    ends = [START + timedelta(minutes=each) if each else None for each in minutes]
    said = [replace(delivery(AlertStatus.FIRING), expires_at=each) for each in ends]
    (episode,) = episodes_of(said, {}, START)
    assert episode.expires_at == START + timedelta(minutes=2)


def test_alerts_and_their_episodes_stay_apart_and_come_in_one_order() -> None:
    later = replace(delivery(AlertStatus.RESOLVED), starts_at=START + timedelta(hours=1))
    found = episodes_of([later, delivery(AlertStatus.FIRING), delivery(AlertStatus.FIRING, name="e")], {}, START)
    assert [(one.fingerprint, one.starts_at, one.fired, one.resolved) for one in found] == [
        ("e", START, True, False),
        ("f", START, True, False),
        ("f", START + timedelta(hours=1), False, True),
    ]


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


def test_what_had_to_be_cut_gives_way_to_what_is_more_whole_in_any_order() -> None:
    whole = [replace(delivery(AlertStatus.FIRING), annotations={"summary": f"text {n}"}) for n in range(8)]
    shortened = replace(whole[0], annotations={"summary": "te"}, cut=True)
    stripped = replace(whole[0], annotations={}, cut=True)
    for one in whole:
        for told in ([stripped, shortened, one], [one, shortened, stripped]):
            (episode,) = episodes_of(told, {}, START)
            assert episode.content.annotations == one.annotations
    (episode,) = episodes_of([shortened, stripped], {}, START)
    assert episode.content.annotations == shortened.annotations
