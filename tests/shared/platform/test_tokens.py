"""What is signed is read back; whatever else claims to be a token is nobody's."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.kernel.errors import Unauthenticated
from shared.platform.tokens import Kind, Tokens
from tests.forgery import Mint
from tests.shared.platform.offline import offline

NEW, OLD, INGEST = "n" * 32, "o" * 32, "i" * 32
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
HEADER = {"alg": "HS256", "typ": "access+jwt", "kid": "new"}
CLAIMS = {
    "iss": "sre-copilot",
    "aud": "sre-copilot:access",
    "type": "access",
    "iat": AT,
    "nbf": AT,
    "exp": AT + 900,
    "jti": "1",
    "user_id": "u",
}


def tokens_with(session_keys: str) -> Tokens:
    return Tokens(offline(SESSION_KEYS=session_keys, INGEST_KEYS=f"k1:{INGEST}"))


TOKENS = tokens_with(f"new:{NEW},old:{OLD}")


MINT = Mint(header=HEADER, claims=CLAIMS, secret=NEW)
VALID = MINT.valid
INGEST_CLAIMS = {"iss": "sre-copilot", "aud": "sre-copilot:ingest", "type": "ingest", "integration_id": "i"}
ATTACKS: dict[str, str] = {
    **MINT.attacks(),
    "key of another time": MINT.with_header(kid="old"),
    "key of another kind": MINT.with_header(kid="k1"),
    "empty": "",
    "ingest token": TOKENS.sign(Kind.INGEST, {"integration_id": "i"}, now=NOW),
    "ingest token signed with a session key": MINT.forge({**HEADER, "typ": "ingest+jwt"}, INGEST_CLAIMS),
    "access token signed with an ingest key": MINT.forge({**HEADER, "kid": "k1"}, CLAIMS, secret=INGEST),
}


def test_the_forge_makes_valid_tokens_where_nothing_is_forged() -> None:
    assert TOKENS.read(Kind.ACCESS, VALID, now=NOW) == CLAIMS


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_forged_access_token_is_accepted(attack: str) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(Kind.ACCESS, ATTACKS[attack], now=NOW)


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack != "ingest token"])
def test_no_forged_token_is_accepted_as_an_ingest_token(attack: str) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(Kind.INGEST, ATTACKS[attack], now=NOW)


def test_an_access_token_is_no_ingest_token() -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(Kind.INGEST, VALID, now=NOW)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_is_a_token_and_none_breaks_the_reader(text: str) -> None:
    for kind in Kind:
        with pytest.raises(Unauthenticated):
            TOKENS.read(kind, text, now=NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    header=st.fixed_dictionaries({}, optional=dict.fromkeys([*HEADER, "crit", "b64"], JSON)) | JSON,
    body=st.fixed_dictionaries({}, optional=dict.fromkeys(CLAIMS, JSON)) | JSON,
)
def test_no_json_is_a_token_and_none_breaks_the_reader(header: Any, body: Any) -> None:
    for token in (MINT.forge(header, body), MINT.forge(HEADER, body), MINT.forge(header, CLAIMS)):
        assume(token != VALID)
        with pytest.raises(Unauthenticated):
            TOKENS.read(Kind.ACCESS, token, now=NOW)


@given(place=st.integers(0, len(VALID) - 1), character=st.characters(codec="ascii"))
def test_a_token_with_one_character_changed_is_refused(place: int, character: str) -> None:
    tampered = VALID[:place] + character + VALID[place + 1 :]
    assume(tampered != VALID)
    with pytest.raises(Unauthenticated):
        TOKENS.read(Kind.ACCESS, tampered, now=NOW)


@given(
    given_claims=st.dictionaries(st.text(min_size=1).map("x-{}".format), st.text() | st.integers(), max_size=5),
    kind=st.sampled_from(Kind),
    minutes=st.integers(1, 10_000),
)
def test_claims_come_back_as_they_were_signed(given_claims: dict[str, Any], kind: Kind, minutes: int) -> None:
    token = TOKENS.sign(kind, {**given_claims, "jti": "1"}, now=NOW, lifetime=timedelta(minutes=minutes))
    assert TOKENS.read(kind, token, now=NOW).items() >= given_claims.items()


@pytest.mark.parametrize(
    ("seconds", "is_valid"),
    [(-60, False), (-2, False), (-1, True), (0, True), (899, True), (900, False), (86_400, False)],
)
def test_an_access_token_is_valid_from_its_signing_to_its_end(seconds: int, is_valid: bool) -> None:
    token = TOKENS.sign(Kind.ACCESS, {"jti": "1"}, now=NOW, lifetime=timedelta(minutes=15))
    with nullcontext() if is_valid else pytest.raises(Unauthenticated):
        TOKENS.read(Kind.ACCESS, token, now=NOW + timedelta(seconds=seconds))


def test_the_clock_is_ours_and_not_the_machine_s() -> None:
    for now in (datetime(2001, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)):
        token = TOKENS.sign(Kind.ACCESS, {"jti": "1"}, now=now, lifetime=timedelta(minutes=15))
        assert TOKENS.read(Kind.ACCESS, token, now=now)["jti"] == "1"


def test_a_token_may_have_eight_kibibytes_and_no_more() -> None:
    sizes = {
        len(token): token for padding in range(5_500, 6_500) if len(token := MINT.with_claims(x="p" * padding)) > 8_000
    }
    longest = max(size for size in sizes if size <= 8_192)
    assert TOKENS.read(Kind.ACCESS, sizes[longest], now=NOW)
    with pytest.raises(Unauthenticated):
        TOKENS.read(Kind.ACCESS, sizes[min(size for size in sizes if size > 8_192)], now=NOW)


def test_an_ingest_token_has_no_end() -> None:
    token = TOKENS.sign(Kind.INGEST, {"integration_id": "i"}, now=NOW)
    assert TOKENS.read(Kind.INGEST, token, now=NOW + timedelta(days=36_500))["integration_id"] == "i"


def test_a_token_names_its_kind_and_its_key_in_its_header() -> None:
    token = TOKENS.sign(Kind.ACCESS, {"jti": "1"}, now=NOW, lifetime=timedelta(minutes=15))
    assert jwt.get_unverified_header(token) == HEADER
    ingest = TOKENS.sign(Kind.INGEST, {"integration_id": "i"}, now=NOW)
    assert jwt.get_unverified_header(ingest) == {"alg": "HS256", "typ": "ingest+jwt", "kid": "k1"}
    assert jwt.decode(ingest, options={"verify_signature": False}) == INGEST_CLAIMS


def test_a_rotated_key_still_verifies_until_it_is_taken_out() -> None:
    token = tokens_with(f"old:{OLD}").sign(Kind.ACCESS, {"jti": "1"}, now=NOW, lifetime=timedelta(minutes=15))
    assert TOKENS.read(Kind.ACCESS, token, now=NOW)["jti"] == "1"
    with pytest.raises(Unauthenticated):
        tokens_with(f"new:{NEW}").read(Kind.ACCESS, token, now=NOW)
