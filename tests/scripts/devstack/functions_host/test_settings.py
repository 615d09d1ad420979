import json
from pathlib import Path

import pytest

from scripts.devstack.functions_host.settings import AppSettings, SettingError, read_local_settings


@pytest.mark.parametrize(
    ("text", "resolved"),
    [("plain", "plain"), ("%Queue%", "orders"), ("a-%queue%-%Suffix%", "a-orders-x"), ("%A__B%", "nested"), ("", "")],
)
def test_settings_are_put_into_binding_texts(text: str, resolved: str) -> None:
    settings = AppSettings({"Queue": "orders", "Suffix": "x", "A:B": "nested"})
    assert settings.resolve(text) == resolved


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%Missing%", "'%Missing%' does not resolve to a value."),
        ("a%Queue", "The '%' at position 1 does not have a closing '%'"),
        ("%Queue%%", "The '%' at position 7 does not have a closing '%'"),
    ],
)
def test_a_text_that_cannot_be_resolved_says_why(text: str, message: str) -> None:
    with pytest.raises(SettingError) as raised:
        AppSettings({"Queue": "orders"}).resolve(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("values", "name", "found"),
    [
        ({"AzureWebJobsStorage": "a"}, "", "a"),
        ({"AzureWebJobsStorage": "a"}, "AzureWebJobsStorage", "a"),
        ({"AzureWebJobsOrders": "a", "Orders": "b"}, "Orders", "a"),
        ({"Orders": "b"}, "Orders", "b"),
        ({"ConnectionStrings:Orders": "c", "Orders": "b"}, "Orders", "c"),
        ({"ConnectionStrings__AzureWebJobsOrders": "d", "AzureWebJobsOrders": "a"}, "Orders", "d"),
        ({"Orders": "b", "Which": "Orders"}, "%Which%", "b"),
    ],
)
def test_a_connection_is_looked_up_in_order(values: dict[str, str], name: str, found: str) -> None:
    assert AppSettings(values).connection_string(name) == found


@pytest.mark.parametrize(
    ("values", "message"),
    [({}, "no connection string 'Orders'"), ({"Orders__queueServiceUri": "https://x"}, "names an identity")],
)
def test_a_connection_without_a_string_says_what_to_set(values: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        AppSettings(values).connection_string("Orders")


@pytest.mark.parametrize(
    ("values", "disabled"),
    [
        ({}, False),
        ({"AzureWebJobs.sweep.Disabled": "true"}, True),
        ({"AzureWebJobs_Sweep_Disabled": "1"}, True),
        ({"AzureWebJobs.sweep.Disabled": "false"}, False),
        ({"AzureWebJobs.other.Disabled": "true"}, False),
    ],
)
def test_a_setting_disables_a_function(values: dict[str, str], *, disabled: bool) -> None:
    assert AppSettings(values).is_disabled("sweep") is disabled


def test_the_environment_wins_over_local_settings(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(
        json.dumps(
            {
                "IsEncrypted": False,
                "Values": {"SET": "file", "FREE": "file", "EMPTY": "", "NONE": None, "NUMBER": 5},
                "ConnectionStrings": {"Orders": "UseDevelopmentStorage=true"},
                "Host": {"LocalHttpPort": 7072, "CORS": "*", "CORSCredentials": False},
            }
        )
    )
    local = read_local_settings(tmp_path)
    assert local.over({"SET": "environment"}) == {
        "FREE": "file",
        "EMPTY": "",
        "NUMBER": "5",
        "ConnectionStrings:Orders": "UseDevelopmentStorage=true",
    }
    assert (local.host.local_http_port, local.host.cors) == (7072, "*")


def test_without_the_file_local_settings_are_the_defaults(tmp_path: Path) -> None:
    local = read_local_settings(tmp_path)
    assert (local.over({}), local.host.local_http_port) == ({}, 7071)


@pytest.mark.parametrize("text", ["{", '{"Values": []}', '{"IsEncrypted": true}'])
def test_local_settings_that_cannot_be_used_are_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "local.settings.json").write_text(text)
    with pytest.raises(SettingError, match=r"local\.settings\.json"):
        read_local_settings(tmp_path)
