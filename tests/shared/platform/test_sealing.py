"""Encrypted payloads open once, where and when they were meant to, and in no other way."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.errors import JoseError
from joserfc.jwe import decrypt_compact
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from redis.asyncio import Redis

from shared.kernel.errors import Unavailable
from shared.kernel.values import TenantId
from shared.platform.sealing import MAX_SKEW_SECONDS, CannotBeOpened, Sealing, seal_reply
from tests.shared.platform.sealed import (
    BODY,
    NOW,
    PUBLIC,
    REPLY_KEY,
    SECONDS,
    TENANT,
    b64,
    envelope,
    opened,
    relabelled,
    seal,
    sealed,
    sealing,
)

ZERO = "A" * 43
X25519 = OKPKey.generate_key("X25519")
RSA = RSAKey.generate_key(2048)
EPK: dict[str, Any] = {**REPLY_KEY.as_dict(private=False)}


@pytest.fixture
async def ours(redis_url: str) -> AsyncIterator[Sealing]:
    built = sealing(redis_url)
    yield built
    await built._cache.close()


def parts(**changes: bytes) -> bytes:
    """A sealed message some of whose five parts are changed."""
    names = ("header", "key", "iv", "ciphertext", "tag")
    whole = dict(zip(names, sealed().split(b"."), strict=True)) | changes
    return b".".join(whole[name] for name in names)


def flipped(name: str) -> bytes:
    names = ("header", "key", "iv", "ciphertext", "tag")
    found = sealed().split(b".")[names.index(name)]
    return parts(**{name: (b"B" if found[:1] == b"A" else b"A") + found[1:]})


def signed_by_the_caller() -> bytes:
    return b64(b'{"alg":"HS256"}') + b"." + b64(json.dumps(envelope()).encode()) + b"." + b64(bytes(32))


def as_json_serialization() -> bytes:
    header, key, iv, ciphertext, tag = sealed().decode().split(".")
    return json.dumps(
        {"protected": header, "encrypted_key": key, "iv": iv, "ciphertext": ciphertext, "tag": tag}
    ).encode()


TEXT = json.dumps(envelope())
TAMPERED: dict[str, bytes] = {
    "nothing": b"",
    "dots alone": b"....",
    "four parts": sealed().rpartition(b".")[0],
    "six parts": sealed() + b".AAAA",
    "the envelope in the clear": TEXT.encode(),
    "a signed envelope": signed_by_the_caller(),
    "the JSON serialization": as_json_serialization(),
    "not ASCII": "ü.ü.ü.ü.ü".encode(),
    "not UTF-8": b"\xff\xfe" * 40,
    "a bit of the header": flipped("header"),
    "a bit of the nonce": flipped("iv"),
    "a bit of the ciphertext": flipped("ciphertext"),
    "a bit of the tag": flipped("tag"),
    "no ciphertext": parts(ciphertext=b""),
    "another's ciphertext": parts(ciphertext=sealed().split(b".")[3]),
    "no tag": parts(tag=b""),
    "a tag of 64 bits": parts(tag=b64(bytes(8))),
    "a tag of 32 bits": parts(tag=b64(bytes(4))),
    "no nonce": parts(iv=b""),
    "a nonce of 128 bits": parts(iv=b64(bytes(16))),
    "a wrapped key where none belongs": parts(key=b64(bytes(40))),
    "padding": parts(tag=sealed().split(b".")[4] + b"=="),
    "a line break behind": sealed() + b"\n",
    "a space before": b" " + sealed(),
    "the other base64": parts(tag=b"+" + sealed().split(b".")[4][1:]),
    "bits that base64 ignores": parts(tag=sealed().split(b".")[4][:-1] + b"B"),
    "no header": parts(header=b""),
    "a header that is a list": parts(header=b64(b"[]")),
    "a header that is null": parts(header=b64(b"null")),
    "a header that is no JSON": parts(header=b64(b"{")),
    "a deep header": parts(header=b64(b"[" * 700)),
    "a bottomless header": parts(header=b64(b"[" * 500_000)),
}

DOWNGRADED: dict[str, bytes] = {
    "compression": seal(TEXT, zip="DEF"),
    "128 bits": seal(TEXT, enc="A128GCM"),
    "192 bits": seal(TEXT, enc="A192GCM"),
    "CBC": seal(TEXT, enc="A128CBC-HS256"),
    "CBC of 512": seal(TEXT, enc="A256CBC-HS512"),
    "key wrapping": seal(TEXT, alg="ECDH-ES+A256KW"),
    "key wrapping of 128": seal(TEXT, alg="ECDH-ES+A128KW"),
    "a key of the sender's own": seal(TEXT, key=OctKey.generate_key(256), alg="dir", epk=EPK),
    "a wrapped key of the sender's own": seal(TEXT, key=OctKey.generate_key(256), alg="A256KW", epk=EPK),
    "RSA": seal(TEXT, key=RSA, alg="RSA-OAEP", epk=EPK),
    "a password": seal(TEXT, key=OctKey.import_key("a long password"), alg="PBES2-HS256+A128KW", epk=EPK),
    "no algorithm": relabelled(sealed(), alg="none"),
    "an algorithm that is missing": relabelled(sealed(), alg=...),
    "an algorithm in other letters": relabelled(sealed(), alg="ecdh-es"),
    "an algorithm that is a list": relabelled(sealed(), alg=["ECDH-ES"]),
    "an encryption that is missing": relabelled(sealed(), enc=...),
    "an encryption that is null": relabelled(sealed(), enc=None),
}

HEADERS: dict[str, bytes] = {
    "crit": seal(TEXT, crit=["kid"]),
    "b64": seal(TEXT, b64=False),
    "typ": seal(TEXT, typ="JOSE"),
    "cty": seal(TEXT, cty="json"),
    "apu": seal(TEXT, apu="QQ"),
    "apv": seal(TEXT, apv="QQ"),
    "jwk": seal(TEXT, jwk=EPK),
    "jku": seal(TEXT, jku="https://example.com/keys"),
    "x5u": seal(TEXT, x5u="https://example.com/cert"),
    "x5c": seal(TEXT, x5c=["AAAA"]),
    "iat": seal(TEXT, iat=SECONDS),
    "a member of their own": seal(TEXT, other=1),
    "no kid": seal(TEXT, kid=...),
    "a kid nobody knows": seal(TEXT, kid="newest"),
    "a kid of another key": seal(TEXT, kid="old"),
    "a kid that is a path": seal(TEXT, kid="../../dev/null"),
    "a kid that is a number": relabelled(sealed(), kid=1),
    "a kid that is a list": relabelled(sealed(), kid=["new"]),
    "no ephemeral key": relabelled(sealed(), epk=...),
    "an ephemeral key that is text": relabelled(sealed(), epk="AAAA"),
    "an ephemeral key that is null": relabelled(sealed(), epk=None),
    "another ephemeral key": relabelled(sealed(), epk=EPK),
    "an ephemeral private key": relabelled(sealed(), epk=REPLY_KEY.as_dict(private=True)),
    "an ephemeral key off the curve": relabelled(sealed(), epk=EPK | {"y": EPK["x"]}),
    "an ephemeral key at zero": relabelled(sealed(), epk=EPK | {"x": ZERO, "y": ZERO}),
    "an ephemeral key of another curve": relabelled(sealed(), epk=ECKey.generate_key("P-384").as_dict(private=False)),
    "an ephemeral key that names another curve": relabelled(sealed(), epk=EPK | {"crv": "P-521"}),
    "an ephemeral key of another kind": relabelled(sealed(), epk=X25519.as_dict(private=False) | {"y": ZERO}),
}

ENVELOPES: dict[str, Any] = {
    "another version": {"v": 2},
    "a version in letters": {"v": "1"},
    "no version": {"v": ...},
    "another method": {"method": "DELETE"},
    "a method in other letters": {"method": "post"},
    "no method": {"method": ...},
    "another path": {"path": "/api/incidents/2/transitions?dry=1"},
    "a path without its query": {"path": "/api/incidents/1/transitions"},
    "a path as another would write it": {"path": "/api/./incidents/1/transitions?dry=1"},
    "no path": {"path": ...},
    "another tenant": {"tenant": str(uuid4())},
    "no tenant": {"tenant": None},
    "a tenant that is missing": {"tenant": ...},
    "a tenant that is no id": {"tenant": "*"},
    "too old": {"iat": SECONDS - MAX_SKEW_SECONDS - 1},
    "too new": {"iat": SECONDS + MAX_SKEW_SECONDS + 1},
    "milliseconds": {"iat": SECONDS * 1_000},
    "a time that is text": {"iat": str(SECONDS)},
    "a time with a fraction": {"iat": SECONDS + 0.5},
    "a time that is true": {"iat": True},
    "a time beyond every number": {"iat": 10**400},
    "infinity": {"iat": float("inf")},
    "no number": {"iat": float("nan")},
    "no time": {"iat": ...},
    "a short nonce": {"jti": "a" * 21},
    "a long nonce": {"jti": "a" * 65},
    "a nonce with a colon": {"jti": f"{uuid4().hex}:x"},
    "a nonce with a line break": {"jti": f"{uuid4().hex}\n"},
    "a nonce that is a number": {"jti": 10**30},
    "no nonce": {"jti": ...},
    "a body that is an object": {"body": {"to": "resolved"}},
    "a body that is null": {"body": None},
    "a body with half a character": {"body": "\ud800"},
    "no body": {"body": ...},
    "a member of their own": {"sub": "admin"},
    "no reply key": {"reply_to": ...},
    "a reply key that is null": {"reply_to": None},
    "a reply key with its private part": {"reply_to": REPLY_KEY.as_dict(private=True)},
    "a reply key off the curve": {"reply_to": EPK | {"y": EPK["x"]}},
    "a reply key at zero": {"reply_to": EPK | {"x": ZERO, "y": ZERO}},
    "a reply key of another curve": {"reply_to": ECKey.generate_key("P-384").as_dict(private=False)},
    "a reply key for signing": {"reply_to": OKPKey.generate_key("Ed25519").as_dict(private=False)},
    "a reply key of low order": {"reply_to": {"kty": "OKP", "crv": "X25519", "x": ZERO}},
    "a reply key that is shared": {"reply_to": OctKey.generate_key(256).as_dict()},
    "a reply key of RSA": {"reply_to": RSA.as_dict(private=False)},
    "a reply key that is cut": {"reply_to": EPK | {"x": EPK["x"][:-1]}},
}

NO_ENVELOPES: dict[str, bytes] = {
    "nothing": seal(""),
    "a list": seal("[]"),
    "no JSON": seal(TEXT[:-1]),
    "two envelopes": seal(TEXT + TEXT),
    "not UTF-8": seal(b"\xff"),
    "no end of brackets": seal("[" * 100_000),
    "a NUL": seal("\x00"),
}


async def test_what_is_sealed_for_a_request_opens_for_it(ours: Sealing) -> None:
    found = await opened(ours, sealed(jti="j" * 22))
    assert (found.body, found.jti) == (BODY.encode(), "j" * 22)


async def test_a_caller_without_a_tenant_says_so(ours: Sealing) -> None:
    assert (await opened(ours, sealed(tenant=None), tenant_id=None)).body == BODY.encode()
    with pytest.raises(CannotBeOpened):
        await opened(ours, sealed(), tenant_id=None)


@pytest.mark.parametrize("off", [-MAX_SKEW_SECONDS, MAX_SKEW_SECONDS])
async def test_clocks_may_differ_by_two_minutes(ours: Sealing, off: int) -> None:
    assert await opened(ours, sealed(iat=SECONDS + off))


async def test_the_largest_body_opens(ours: Sealing) -> None:
    body = "x" * 1_024 * 1_024
    assert (await opened(ours, sealed(body=body))).body == body.encode()


async def test_the_key_before_the_newest_still_opens_and_one_that_is_gone_does_not(redis_url: str) -> None:
    before = seal(json.dumps(envelope()), key=PUBLIC["old"], kid="old")
    rotating, rotated = sealing(redis_url, "new", "old"), sealing(redis_url, "new")
    assert [key["kid"] for key in json.loads(rotating.jwks)["keys"]] == ["new", "old"]
    with pytest.raises(CannotBeOpened):
        await opened(rotated, before)
    assert await opened(rotating, before)
    await rotating._cache.close()


def test_no_private_part_is_published() -> None:
    for key in json.loads(sealing("redis://127.0.0.1:1").jwks)["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


@pytest.mark.parametrize("jwe", TAMPERED.values(), ids=TAMPERED)
async def test_what_was_tampered_with_is_refused(ours: Sealing, jwe: bytes) -> None:
    await refused(ours, jwe)


@pytest.mark.parametrize("jwe", DOWNGRADED.values(), ids=DOWNGRADED)
async def test_every_other_algorithm_is_refused(ours: Sealing, jwe: bytes) -> None:
    await refused(ours, jwe)


@pytest.mark.parametrize("jwe", HEADERS.values(), ids=HEADERS)
async def test_every_other_header_is_refused(ours: Sealing, jwe: bytes) -> None:
    await refused(ours, jwe)


@pytest.mark.parametrize("changes", ENVELOPES.values(), ids=ENVELOPES)
async def test_an_envelope_for_elsewhere_or_of_another_form_is_refused(ours: Sealing, changes: Any) -> None:
    await refused(ours, sealed(**changes))


@pytest.mark.parametrize("jwe", NO_ENVELOPES.values(), ids=NO_ENVELOPES)
async def test_what_is_no_envelope_is_refused(ours: Sealing, jwe: bytes) -> None:
    await refused(ours, jwe)


async def refused(ours: Sealing, jwe: bytes) -> None:
    """All refusals read alike, and say nothing of what came before."""
    with pytest.raises(CannotBeOpened) as refusal:
        await opened(ours, jwe)
    assert (str(refusal.value), refusal.value.detail, refusal.value.details) == (CannotBeOpened.title, "", {})
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_no_byte_can_be_changed(ours: Sealing, data: st.DataObject) -> None:
    jwe = sealed()
    place = data.draw(st.integers(0, len(jwe) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != jwe[place]))
    await refused(ours, jwe[:place] + bytes([other]) + jwe[place + 1 :])


async def test_a_request_opens_once(ours: Sealing) -> None:
    jwe = sealed()
    await opened(ours, jwe)
    await refused(ours, jwe)


async def test_of_many_at_the_same_moment_no_two_open(ours: Sealing) -> None:
    jwe = sealed()
    results = await asyncio.gather(*(opened(ours, jwe) for _ in range(20)), return_exceptions=True)
    # A busy Redis may miss its deadline, and then nobody can tell that the request was new.
    others = [result for result in results if isinstance(result, CannotBeOpened | Unavailable)]
    assert len(others) >= 19


async def test_a_nonce_is_used_once_whatever_is_sealed_with_it(ours: Sealing) -> None:
    await opened(ours, sealed(jti="n" * 22, body="one"))
    await refused(ours, sealed(jti="n" * 22, body="another"))


async def test_no_tenant_can_use_up_the_nonces_of_another(ours: Sealing) -> None:
    jti, other = uuid4().hex, TenantId(uuid4())
    await opened(ours, sealed(jti=jti, tenant=str(other)), tenant_id=other)
    assert await opened(ours, sealed(jti=jti))


async def test_a_refused_request_uses_up_no_nonce(ours: Sealing) -> None:
    jti = uuid4().hex
    await refused(ours, sealed(jti=jti, method="DELETE"))
    assert await opened(ours, sealed(jti=jti))


async def test_a_nonce_is_remembered_for_as_long_as_it_could_come_back(ours: Sealing, redis_url: str) -> None:
    jti = uuid4().hex
    await opened(ours, sealed(jti=jti, iat=SECONDS + MAX_SKEW_SECONDS))
    latest = NOW + timedelta(seconds=2 * MAX_SKEW_SECONDS)
    with pytest.raises(CannotBeOpened):
        await opened(ours, sealed(jti=jti, iat=SECONDS + MAX_SKEW_SECONDS), now=latest)
    async with Redis.from_url(redis_url) as redis:
        assert await redis.ttl(f"sealed:{TENANT}:{jti}") > 2 * MAX_SKEW_SECONDS


async def test_nothing_opens_while_nobody_remembers_nonces() -> None:
    alone = sealing("redis://127.0.0.1:1")
    with pytest.raises(Unavailable):
        await opened(alone, sealed())


@pytest.mark.parametrize("key", [REPLY_KEY, X25519], ids=["P-256", "X25519"])
async def test_a_reply_opens_for_its_caller_alone_and_names_the_request(ours: Sealing, key: ECKey | OKPKey) -> None:
    request = await opened(ours, sealed(reply_to=key.as_dict(private=False)))
    reply = seal_reply(request, '{"state":"ü"}'.encode(), status=201)
    read = json.loads(decrypt_compact(reply, key).plaintext or b"")
    assert read == {"v": 1, "jti": request.jti, "status": 201, "body": '{"state":"ü"}'}
    with pytest.raises(JoseError):
        decrypt_compact(reply, ECKey.generate_key("P-256"))


async def test_no_two_replies_look_alike(ours: Sealing) -> None:
    request = await opened(ours, sealed())
    assert len({seal_reply(request, b"{}", status=200) for _ in range(10)}) == 10
