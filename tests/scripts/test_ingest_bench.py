"""The load is what it says it is, and the benchmark compares what it measured."""

import json
import subprocess
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scripts.ingest_bench import LIMITS, Figures, ratios
from scripts.load.notifications import HOT_KEYS, Mode, known_before, render
from shared.alerts.payloads import read_alertmanager
from shared.alerts.values import AlertStatus, Delivery, fingerprint_of

PROGRAM = str(Path(__file__).parents[2] / "scripts" / "bench")
BEGAN = datetime(2026, 11, 22, 8, tzinfo=UTC)


def delivered(mode: Mode, alerts: int, tag: str = "a") -> list[tuple[Delivery, ...]]:
    """What the product reads out of each post."""
    found = [read_alertmanager(body, BEGAN) for body in render(mode, alerts=alerts, tag=tag, began=BEGAN)]
    assert all(not one.rejected for one in found)
    return [one.deliveries for one in found]


@pytest.mark.parametrize(("mode", "posts", "size"), [(Mode.UNIQUE, 200, 1), (Mode.BATCH, 4, 50)])
def test_what_is_new_is_new_each_time(mode: Mode, posts: int, size: int) -> None:
    found = delivered(mode, 200)
    assert [len(post) for post in found] == [size] * posts
    assert len({one.fingerprint for post in found for one in post}) == 200
    others = {one.fingerprint for post in delivered(mode, 200, "b") for one in post}
    assert others.isdisjoint(one.fingerprint for post in found for one in post)


def test_duplicates_repeat_a_hundred_alerts_that_are_posted_before() -> None:
    repeated = Counter(one.fingerprint for post in delivered(Mode.DUPLICATE, 250) for one in post)
    assert (len(repeated), sum(repeated.values())) == (HOT_KEYS, 250)
    before = [read_alertmanager(body, BEGAN) for body in known_before(Mode.DUPLICATE, tag="a", began=BEGAN)]
    assert repeated.keys() == {one.fingerprint for received in before for one in received.deliveries}


def test_a_storm_is_mostly_a_few_hot_alerts_and_some_of_these_resolve() -> None:
    posts = delivered(Mode.STORM, 5_000)
    assert {len(post) for post in posts} == {10}
    found = Counter(one.fingerprint for post in posts for one in post)
    hot = [count for count in found.values() if count > 1]
    assert 0.85 < sum(hot) / 5_000 < 0.95
    assert max(found.values()) > 1_500
    resolved = sum(one.status is AlertStatus.RESOLVED for post in posts for one in post)
    assert 0.01 < resolved / sum(hot) < 0.04
    assert posts == delivered(Mode.STORM, 5_000)


def test_fingerprints_are_those_that_alertmanager_would_send() -> None:
    for post in delivered(Mode.STORM, 100):
        assert all(one.fingerprint == fingerprint_of(one.labels) for one in post)


def figures(case: str, rate: float, cpu: float) -> Figures:
    told: dict[str, Any] = {"case": case, "alerts_per_second": rate, "cpu": {"host": cpu / 2, "postgres": cpu / 2}}
    return Figures(rounds=1, alerts=1, p50=1, p95=2, p99=3, failures={}, queued=0, generator=0, **told)


def test_ratios_compare_with_the_floors_of_the_same_run() -> None:
    cases = [figures("unique x16", 250, 0.7), figures("duplicate x16", 500, 0.4), figures("batch x16", 600, 0.1)]
    floors = {"upserts": 1_000.0, "bare function": 500.0, "upserts, 50 a transaction": 1_200.0}
    assert ratios({one.case: one for one in cases}, floors) == {
        "unique / upserts": 0.25,
        "unique / bare function": 0.5,
        "batch / upserts, 50 a transaction": 0.5,
        "CPU s per 1000, unique": 0.7,
        "CPU s per 1000, duplicate": 0.4,
        "CPU s per 1000, batch": 0.1,
        "p99 ms, unique": 3,
    }
    assert ratios({}, floors) == {}


def test_it_measures_a_stack_of_its_own_and_every_alert_is_accepted() -> None:
    words = ["ingest", "--quick", "--modes", "unique", "storm", "--connections", "16", "--json"]
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode in {0, 1}, done.stderr  # whether the aims are met is not for a busy machine to say
    found = json.loads(done.stdout)
    assert [(one["case"], one["alerts"], one["failures"]) for one in found["cases"]] == [
        ("unique x16", 100, {}),
        ("storm x16", 1_000, {}),
    ]
    assert all(set(one["cpu"]) == {"host", "postgres"} for one in found["cases"])
    assert all(rate > 0 for rate in found["floors"].values())
    assert (
        {"unique / upserts", "unique / bare function", "CPU s per 1000, unique"}
        <= found["ratios"].keys()
        <= LIMITS.keys()
    )
    assert found["machine"]["cores"] > 0
