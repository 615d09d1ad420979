import pytest
from pydantic import ValidationError

from shared.access.schemas import ApiKeyIn, LoginIn, RegisterIn

VALID = {"email": "olga@example.com", "password": "twelve chars", "name": "Olga", "tenant_name": "Example"}


def test_an_address_is_compared_without_case_or_surrounding_spaces() -> None:
    assert RegisterIn.model_validate(VALID | {"email": " Olga@Example.COM "}).email == "olga@example.com"
    assert LoginIn.model_validate({"email": "OLGA@EXAMPLE.COM", "password": "x"}).email == "olga@example.com"


NO_ADDRESSES = ["", "olga", "@x.de", "olga@", "olga@example", "olga @x.de", "o\x00@x.de", f"{'o' * 250}@x.de"]


@pytest.mark.parametrize("email", NO_ADDRESSES)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(ValidationError, match="email"):
        RegisterIn.model_validate(VALID | {"email": email})


@pytest.mark.parametrize("password", ["", "eleven char", "p" * 257])
def test_a_password_too_short_or_too_long_is_refused_and_not_echoed(password: str) -> None:
    with pytest.raises(ValidationError, match="password") as refusal:
        RegisterIn.model_validate(VALID | {"password": password})
    assert not password or password not in str(refusal.value.errors(include_input=False))


def test_a_password_is_not_shown() -> None:
    assert "twelve chars" not in repr(RegisterIn.model_validate(VALID))


@pytest.mark.parametrize("days", [0, -1, 3_651, 1.5, "never"])
def test_a_key_lives_for_a_whole_number_of_days(days: object) -> None:
    with pytest.raises(ValidationError, match="expires_in_days"):
        ApiKeyIn.model_validate({"name": "deploys", "role": "viewer", "expires_in_days": days})
