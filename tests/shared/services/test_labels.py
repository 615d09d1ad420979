"""Who calls whom, as labels say it."""

import pytest

from shared.services.labels import calls_said, is_service


@pytest.mark.parametrize(
    ("labels", "calls"),
    [
        ({}, set()),
        ({"upstream": "db"}, {("web", "db")}),
        ({"dependency": "db"}, {("web", "db")}),
        ({"destination_service": "db"}, {("web", "db")}),
        ({"client": "a", "server": "b"}, {("a", "b")}),
        ({"source_workload": "a", "destination_workload": "b"}, {("a", "b")}),
        ({"source_service": "a", "destination_service": "b"}, {("a", "b")}),
        ({"caller": "a", "callee": "b", "upstream": "c"}, {("a", "b"), ("web", "c")}),
        ({"client": "a"}, set()),
        ({"upstream": "web"}, set()),
        ({"client": "unknown", "server": "b"}, set()),
        ({"client": "user", "server": "b"}, set()),
        ({"upstream": "x" * 201}, set()),
    ],
)
def test_calls_are_read_from_labels(labels: dict[str, str], calls: set[tuple[str, str]]) -> None:
    assert calls_said(labels, "web") == calls


def test_an_alert_about_nothing_calls_nothing() -> None:
    assert calls_said({"upstream": "db"}, "") == set()


@pytest.mark.parametrize("name", ["", "unknown", "UNKNOWN", "-", "a\nb", " a", "x" * 201])
def test_some_values_name_no_service(name: str) -> None:
    assert not is_service(name)
