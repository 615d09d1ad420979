"""What is signed is read back; whatever else claims to be a token is nobody's."""

import base64
import hashlib
import hmac
import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.kernel.errors import Unauthenticated
from shared.platform.tokens import MAX_TOKEN_BYTES, Kind, Tokens
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
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def tokens_with(session_keys: str) -> Tokens:
    return Tokens(offline(SESSION_KEYS=session_keys, INGEST_KEYS=f"k1:{INGEST}"))


TOKENS = tokens_with(f"new:{NEW},old:{OLD}")


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forge(header: object, claims: object, *, secret: str = NEW, digest: str = "HS256") -> str:
    """Sign anything at all, as no library would."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{encoded(hmac.digest(secret.encode(), signed.encode(), HASHES[digest]))}"


def with_claims(**changes: object) -> str:
    return forge(HEADER, {**CLAIMS, **changes})


def without_claim(name: str) -> str:
    return forge(HEADER, {key: value for key, value in CLAIMS.items() if key != name})


def raw_claims(**changes: str) -> str:
    """Claims with JSON that Python would not write."""
    fields = {key: json.dumps(value) for key, value in CLAIMS.items()} | changes
    return forge(HEADER, ("{" + ",".join(f'"{key}":{value}' for key, value in fields.items()) + "}").encode())


VALID = forge(HEADER, CLAIMS)
HEAD, BODY, SIGNATURE = VALID.split(".")
INGEST_CLAIMS = {"iss": "sre-copilot", "aud": "sre-copilot:ingest", "type": "ingest", "integration_id": "i"}


def headers(name: str, *values: object) -> dict[str, str]:
    return {f"{name} {value!r}": forge({**HEADER, name: value}, CLAIMS) for value in values}


def claims(name: str, *values: object) -> dict[str, str]:
    return {f"{name} {value!r}": with_claims(**{name: value}) for value in values}


ATTACKS: dict[str, str] = {
    "alg none, unsigned": f"{encoded({**HEADER, 'alg': 'none'})}.{BODY}.",
    "alg None, unsigned": f"{encoded({**HEADER, 'alg': 'None'})}.{BODY}.",
    "alg NONE, unsigned": f"{encoded({**HEADER, 'alg': 'NONE'})}.{BODY}.",
    "alg nOnE, unsigned": f"{encoded({**HEADER, 'alg': 'nOnE'})}.{BODY}.",
    "alg HS384, so signed": forge({**HEADER, "alg": "HS384"}, CLAIMS, digest="HS384"),
    "alg HS512, so signed": forge({**HEADER, "alg": "HS512"}, CLAIMS, digest="HS512"),
    **headers("alg", "none", "hs256", "HS256 ", "RS256", "ES256", "", None, 256),
    "no alg": forge({"typ": "access+jwt", "kid": "new"}, CLAIMS),
    **headers("typ", "JWT", "ACCESS+JWT", "ingest+jwt", "application/access+jwt", "", None, 1),
    "no typ": forge({"alg": "HS256", "kid": "new"}, CLAIMS),
    **headers("kid", "unknown", "k1", "old", "", "../new", "new\x00", None, 1, ["new"], {}),
    "no kid": forge({"alg": "HS256", "typ": "access+jwt"}, CLAIMS),
    "empty key": forge(HEADER, CLAIMS, secret=""),
    **headers("crit", ["exp"], []),
    **headers("b64", False),
    **headers("jku", "https://example.com/keys"),
    **headers("jwk", {"kty": "oct", "k": encoded(b"a" * 32)}),
    **headers("x5u", "https://example.com/keys"),
    **headers("cty", "JWT"),
    **headers("zip", "DEF"),
    **claims("aud", "sre-copilot:ingest", "", None, 1, ["sre-copilot:access"], {}),
    **claims("iss", "somebody", "", None, 1, ["sre-copilot"]),
    **claims("type", "ingest", "refresh", "", None, ["access"]),
    **{f"no {name}": without_claim(name) for name in ("iss", "aud", "type", "iat", "nbf", "exp", "jti")},
    **claims("exp", AT, AT - 86_400, -1, True, float(AT + 900), str(AT + 900), None, [AT + 900], {}),
    **claims("nbf", AT + 60, True, float(AT), str(AT), None, [AT], {}),
    **claims("iat", AT + 60, True, float(AT), str(AT), None, [AT], {}),
    **{f"{name} infinite": raw_claims(**{name: "1e999"}) for name in ("iat", "nbf", "exp")},
    **{f"{name} not a number": raw_claims(**{name: "NaN"}) for name in ("iat", "nbf", "exp")},
    "exp of 5000 digits": raw_claims(exp="9" * 5_000),
    **claims("jti", 1),
    "claims no object": forge(HEADER, [CLAIMS]),
    "claims no JSON": forge(HEADER, b"{"),
    "claims no UTF-8": forge(HEADER, b"\xff"),
    "claims nested too deep": forge(HEADER, b"[" * 5_000),
    "header no object": forge(["HS256"], CLAIMS),
    "header no JSON": forge(b"{", CLAIMS),
    "header no UTF-8": forge(b"\xff", CLAIMS),
    "header nested too deep": f"{encoded(b'[' * 5_000)}.{BODY}.{SIGNATURE}",
    "empty": "",
    "dots": "..",
    "two parts": f"{HEAD}.{BODY}",
    "unsigned": f"{HEAD}.{BODY}.",
    "five parts, as encrypted ones have": f"{VALID}.{SIGNATURE}.{SIGNATURE}",
    "space before": f" {VALID}",
    "line break and more after": f"{VALID}.\n",
    "not ASCII": f"{VALID}é",
    "lone surrogate": f"{VALID}\udcff",
    "signature of another": f"{HEAD}.{BODY}.{with_claims(user_id='v').rpartition('.')[2]}",
    "claims of another": f"{HEAD}.{encoded({**CLAIMS, 'user_id': 'v'})}.{SIGNATURE}",
    "ingest token": TOKENS.sign(Kind.INGEST, {"integration_id": "i"}, now=NOW),
    "ingest token signed with a session key": forge({**HEADER, "typ": "ingest+jwt"}, INGEST_CLAIMS),
    "access token signed with an ingest key": forge({**HEADER, "kid": "k1"}, CLAIMS, secret=INGEST),
    "over the limit": with_claims(padding="p" * MAX_TOKEN_BYTES),
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
    for token in (forge(header, body), forge(HEADER, body), forge(header, CLAIMS)):
        assume(token != VALID)
        with pytest.raises(Unauthenticated):
            TOKENS.read(Kind.ACCESS, token, now=NOW)


# The last character of a signature has two bits that mean nothing.
@given(place=st.integers(0, len(VALID) - 2), character=st.characters(codec="ascii"))
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
    ("seconds", "is_valid"), [(-60, False), (-1, True), (0, True), (899, True), (900, False), (86_400, False)]
)
def test_an_access_token_is_valid_from_its_signing_to_its_end(seconds: int, is_valid: bool) -> None:
    token = TOKENS.sign(Kind.ACCESS, {"jti": "1"}, now=NOW, lifetime=timedelta(minutes=15))
    with nullcontext() if is_valid else pytest.raises(Unauthenticated):
        TOKENS.read(Kind.ACCESS, token, now=NOW + timedelta(seconds=seconds))


def test_an_ingest_token_has_no_end() -> None:
    token = TOKENS.sign(Kind.INGEST, {"integration_id": "i"}, now=NOW)
    assert TOKENS.read(Kind.INGEST, token, now=NOW + timedelta(days=36_500))["integration_id"] == "i"


def test_a_token_names_its_kind_and_its_key_in_its_header() -> None:
    token = TOKENS.sign(Kind.ACCESS, {"jti": "1"}, now=NOW, lifetime=timedelta(minutes=15))
    assert jwt.get_unverified_header(token) == HEADER


def test_a_rotated_key_still_verifies_until_it_is_taken_out() -> None:
    token = tokens_with(f"old:{OLD}").sign(Kind.ACCESS, {"jti": "1"}, now=NOW, lifetime=timedelta(minutes=15))
    assert TOKENS.read(Kind.ACCESS, token, now=NOW)["jti"] == "1"
    with pytest.raises(Unauthenticated):
        tokens_with(f"new:{NEW}").read(Kind.ACCESS, token, now=NOW)
