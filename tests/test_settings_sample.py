"""local.settings.sample.json is the complete list of settings, in the form that `func start` reads."""

import json
from pathlib import Path

from shared.platform.settings import Settings

SAMPLE = Path(__file__).parent.parent / "local.settings.sample.json"
OF_THE_HOST = {"FUNCTIONS_WORKER_RUNTIME"}


def test_the_sample_lists_exactly_the_settings_that_the_code_reads() -> None:
    values = json.loads(SAMPLE.read_text())["Values"]
    assert set(values) - OF_THE_HOST == {field.alias for field in Settings.model_fields.values()}


def test_the_sample_says_the_defaults() -> None:
    values = json.loads(SAMPLE.read_text())["Values"]
    read = Settings.read(values)
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | float):
            assert getattr(read, name) == field.default, field.alias
