"""The text that Prometheus reads."""

from prometheus_client.parser import text_string_to_metric_families

from shared.platform.exposition import exposition
from shared.platform.metrics import (
    AI_COST,
    COUNTED,
    HTTP_SECONDS,
    PREFIX,
    PROCESSES,
    QUEUE_DEPTH,
    SUM,
    Counter,
    Reading,
)


def samples(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name.removeprefix(PREFIX), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_counts_are_written_in_whole_ones() -> None:
    found = samples(exposition({(AI_COST.name, "gpt"): 1_500_000_000}, ()))
    assert found == {("ai_cost_usd_total", frozenset({("model", "gpt")})): 1.5}


def test_buckets_hold_all_that_was_shorter() -> None:
    labels = ("GET", "incidents", "2xx")
    places = {str(HTTP_SECONDS.buckets.index(0.1)): 2, str(HTTP_SECONDS.buckets.index(1.0)): 1, SUM: 1_200_000}
    places[str(len(HTTP_SECONDS.buckets))] = 1
    found = samples(exposition({(HTTP_SECONDS.name, *labels, place): count for place, count in places.items()}, ()))
    common = frozenset({("method", "GET"), ("route", "incidents"), ("status", "2xx")})
    for bound, count in {"0.05": 0, "0.1": 2, "1.0": 3, "+Inf": 4}.items():
        assert found["http_request_duration_seconds_bucket", common | {("le", bound)}] == count
    assert found["http_request_duration_seconds_count", common] == 4
    assert found["http_request_duration_seconds_sum", common] == 1.2


def test_gauges_keep_their_values_and_labels_cannot_forge_a_line() -> None:
    forged = Reading(QUEUE_DEPTH, 4, ('a"} 1\nforged 1',))
    found = samples(exposition({}, [Reading(PROCESSES, 2), Reading(QUEUE_DEPTH, 3, ("alerts",)), forged]))
    assert sorted(found.values()) == [2, 3, 4]
    assert {name for name, _ in found} == {"processes", "queue_depth"}


def test_counts_of_another_version_are_left_out() -> None:
    assert samples(exposition({("of_another_version_total", "x"): 1}, ())) == {}


def test_names_follow_the_conventions() -> None:
    assert all(one.name.endswith("_total") for one in COUNTED if isinstance(one, Counter))
    assert all(one.name.endswith("_seconds") for one in COUNTED if not isinstance(one, Counter))
    assert len({one.name for one in COUNTED}) == len(COUNTED)
