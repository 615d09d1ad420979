"""What the vault adds to the environment. tests/shared/platform/test_signed_in.py reads from one."""

from typing import get_args

import pytest
from pydantic import SecretStr

from scripts.devstack.ports import free_port
from shared.platform.key_vault import GENERATED, GIVEN, complete, secret_name
from shared.platform.settings import KeyRing, MissingSettings, Settings
from tests.shared.platform.offline import NOWHERE


def test_without_a_vault_the_environment_is_all_there_is() -> None:
    assert complete(NOWHERE) is NOWHERE


def test_what_is_set_already_is_not_asked_for() -> None:
    everything = dict.fromkeys(GENERATED + GIVEN, "given") | {"KEY_VAULT_URI": f"https://127.0.0.1:{free_port()}"}
    assert complete(everything) == everything


def test_without_an_answer_there_is_no_start_and_no_doubt_why() -> None:
    away = {**NOWHERE, "KEY_VAULT_URI": f"https://127.0.0.1:{free_port()}"}
    with pytest.raises(MissingSettings, match="KEY_VAULT_URI: no answer from the vault"):
        complete(away)


@pytest.mark.parametrize("address", ["http://vault.example.com", "vault.example.com", "https://vault.example.com?x=1"])
def test_a_vault_has_an_address_that_nobody_listens_to(address: str) -> None:
    with pytest.raises(MissingSettings, match="KEY_VAULT_URI"):
        Settings.read({**NOWHERE, "KEY_VAULT_URI": address})


def test_a_vault_is_asked_for_secrets_alone() -> None:
    kinds = {field.alias: field.annotation for field in Settings.model_fields.values()}
    for setting in GENERATED + GIVEN:
        kind = kinds[setting]
        assert kind in {SecretStr, KeyRing} or SecretStr in get_args(kind), setting


def test_a_secret_is_named_after_its_setting() -> None:
    assert secret_name("SESSION_KEYS") == "session-keys"
