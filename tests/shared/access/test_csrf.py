from uuid import UUID, uuid4

import pytest
from pydantic import SecretBytes

from shared.access.csrf import csrf_token, is_csrf_token
from shared.platform.settings import KeyRing


def ring(**keys: bytes) -> KeyRing:
    return KeyRing(keys={kid: SecretBytes(secret * 32) for kid, secret in keys.items()})


SESSION = UUID(int=7)
RING = ring(new=b"n", old=b"o")


def test_a_session_has_one_token_and_no_other_has_it() -> None:
    token = csrf_token(RING, SESSION)
    assert is_csrf_token(RING, SESSION, token)
    assert not is_csrf_token(RING, uuid4(), token)


def test_a_token_lives_as_long_as_the_key_it_was_made_under() -> None:
    token = csrf_token(ring(old=b"o"), SESSION)
    assert is_csrf_token(RING, SESSION, token)
    assert not is_csrf_token(ring(new=b"n"), SESSION, token)


@pytest.mark.parametrize("given", ["", "0" * 64, "é", "\udcff", csrf_token(RING, SESSION).upper()])
def test_anything_else_is_no_proof(given: str) -> None:
    assert not is_csrf_token(RING, SESSION, given)
