from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access.refresh_tokens import GRACE, MAX_STEPS, RefreshToken, Standing, standing
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import TenantId

KEY = b"k" * 32
FIRST = RefreshToken.first(TenantId(uuid4()), uuid4())


def after(steps: int) -> RefreshToken:
    token = FIRST
    for _ in range(steps):
        token = token.successor(KEY)
    return token


def judged(presented: int, current: int, ago: timedelta = timedelta(0)) -> Standing:
    return standing(after(presented), after(current).digest, rotated_ago=ago, key=KEY)


def test_a_token_is_read_as_it_was_written() -> None:
    assert RefreshToken.read(FIRST.text) == FIRST


@given(st.text() | st.from_regex(r"[0-9a-f]{64}_[A-Za-z0-9_-]{40,46}", fullmatch=True))
def test_any_other_text_is_nobody_s_or_a_token_of_its_own(text: str) -> None:
    try:
        RefreshToken.read(text)
    except Unauthenticated:
        return
    assert len(text) == 108


def test_every_token_has_a_secret_of_its_own() -> None:
    assert len({after(steps).secret for steps in range(50)}) == 50
    assert RefreshToken.first(FIRST.tenant_id, FIRST.session_id).secret != FIRST.secret


@pytest.mark.parametrize(
    ("presented", "current", "ago", "expected"),
    [
        (0, 0, timedelta(days=6), Standing.CURRENT),
        (7, 7, timedelta(0), Standing.CURRENT),
        (0, 1, timedelta(0), Standing.JUST_USED),
        (3, 4, GRACE, Standing.JUST_USED),
        (3, 4, GRACE + timedelta(microseconds=1), Standing.REPLAYED),
        (0, 2, timedelta(0), Standing.REPLAYED),
        (0, MAX_STEPS - 1, timedelta(0), Standing.REPLAYED),
        (0, MAX_STEPS, timedelta(0), Standing.UNKNOWN),
        (1, 0, timedelta(0), Standing.UNKNOWN),
    ],
)
def test_a_token_stands_where_its_chain_says(presented: int, current: int, ago: timedelta, expected: Standing) -> None:
    assert judged(presented, current, ago) is expected


def test_a_guess_is_unknown_and_ends_nothing() -> None:
    guess = RefreshToken.first(FIRST.tenant_id, FIRST.session_id)
    assert standing(guess, FIRST.digest, rotated_ago=timedelta(0), key=KEY) is Standing.UNKNOWN


def test_nobody_continues_a_chain_without_the_key() -> None:
    assert FIRST.successor(b"x" * 32) != FIRST.successor(KEY)
    assert standing(FIRST, after(1).digest, rotated_ago=timedelta(0), key=b"x" * 32) is Standing.UNKNOWN
