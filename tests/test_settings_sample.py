"""local.settings.sample.json is the complete list of settings, in the form that `func start` reads."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from shared.platform.settings import MissingSettings, Settings

SAMPLE = Path(__file__).parent.parent / "local.settings.sample.json"
OF_THE_HOST = {"FUNCTIONS_WORKER_RUNTIME"}


def test_the_sample_lists_exactly_the_settings_that_the_code_reads() -> None:
    values = json.loads(SAMPLE.read_text())["Values"]
    assert set(values) - OF_THE_HOST == {field.alias for field in Settings.model_fields.values()}


SECRETS = ("WebPubSubConnectionString", "SESSION_KEYS", "INGEST_KEYS", "VAULT_KEYS", "SEALING_KEYS", "PASSWORD_PEPPER")


def with_own_secrets() -> dict[str, str]:
    """The sample as somebody has filled it in."""
    own = {"REPLACE-WITH": "my-own-words", b64encode(b"REPLACE-T")[:9].decode(): b64encode(b"my-own-wo")[:9].decode()}
    text = SAMPLE.read_text()
    for before, after in own.items():
        text = text.replace(before, after)
    values: dict[str, str] = json.loads(text)["Values"]
    return values


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_of_the_sample_s_is_refused_by_name(name: str) -> None:
    sample = json.loads(SAMPLE.read_text())["Values"][name]
    with pytest.raises(MissingSettings, match=rf"put one of your own: {name}\.") as refusal:
        Settings.read(with_own_secrets() | {name: sample})
    assert sample not in str(refusal.value)


def test_the_untouched_sample_names_all_of_its_secrets() -> None:
    with pytest.raises(MissingSettings) as refusal:
        Settings.read(json.loads(SAMPLE.read_text())["Values"])
    assert [name for name in SECRETS if name not in str(refusal.value)] == []


def test_the_sample_says_the_defaults() -> None:
    read = Settings.read(with_own_secrets())
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | float):
            assert getattr(read, name) == field.default, field.alias
