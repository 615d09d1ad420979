import json
from datetime import timedelta
from pathlib import Path

import pytest

from scripts.devstack.functions_host.host_json import HostOptions, read_host_options
from scripts.devstack.functions_host.settings import AppSettings, SettingError


def _read(folder: Path, content: object, settings: dict[str, str] | None = None) -> HostOptions:
    (folder / "host.json").write_text(json.dumps(content))
    return read_host_options(folder, AppSettings(settings or {}))


def test_the_defaults_are_those_of_a_host_in_development(tmp_path: Path) -> None:
    options = _read(tmp_path, {"version": "2.0"})
    queues = options.extensions.queues
    assert options.extensions.http.route_prefix == "api"
    assert options.function_timeout == timedelta(minutes=30)
    assert (queues.batch_size, queues.refill_at, queues.max_dequeue_count) == (16, 8, 5)
    assert (queues.visibility_timeout, queues.max_polling_interval) == (timedelta(0), timedelta(seconds=2))
    assert queues.message_encoding == "base64"


def test_options_are_read_whatever_their_case(tmp_path: Path) -> None:
    queues = {"batchSize": 4, "NewBatchThreshold": 0, "messageEncoding": "None", "visibilityTimeout": "00:00:30"}
    options = _read(tmp_path, {"version": "2.0", "extensions": {"queues": queues, "http": {"routePrefix": ""}}})
    found = options.extensions.queues
    assert (found.batch_size, found.refill_at, found.message_encoding) == (4, 0, "none")
    assert found.visibility_timeout == timedelta(seconds=30)
    assert options.extensions.http.route_prefix == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [("00:05:00", timedelta(minutes=5)), ("1.02:00:00", timedelta(days=1, hours=2)), ("-1", None), (-1, None)],
)
def test_the_time_limit_is_a_time_span_or_unlimited(
    tmp_path: Path, text: str | int, expected: timedelta | None
) -> None:
    assert _read(tmp_path, {"version": "2.0", "functionTimeout": text}).function_timeout == expected


def test_a_setting_overrides_an_option(tmp_path: Path) -> None:
    content = {"version": "2.0", "extensions": {"queues": {"batchSize": 4}}}
    settings = {
        "AzureFunctionsJobHost__extensions__queues__batchSize": "2",
        "AzureFunctionsJobHost:extensions:http:routePrefix": "v1",
    }
    options = _read(tmp_path, content, settings)
    assert options.extensions.queues.batch_size == 2
    assert options.extensions.http.route_prefix == "v1"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"version": "1.0"},
        {"version": "2.0", "functionTimeout": "soon"},
        {"version": "2.0", "extensions": {"queues": {"batchSize": 33}}},
        {"version": "2.0", "extensions": {"queues": {"messageEncoding": "hex"}}},
    ],
)
def test_an_option_that_means_nothing_is_an_error(tmp_path: Path, content: object) -> None:
    with pytest.raises(SettingError, match=r"host\.json"):
        _read(tmp_path, content)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"host\.json is missing"):
        read_host_options(tmp_path, AppSettings({}))
