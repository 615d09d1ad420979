"""Sealed payloads: JWE (RFC 7516) in its compact form, `ECDH-ES` with `A256GCM`, for callers who want or must use them.

A caller encrypts an envelope to a published key of ours, and names in it what the request is bound to and a key of its
own for the reply. The sender is not authenticated by it: the credential beside it says who calls.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.kernel.errors import Malformed, Unavailable
from shared.kernel.values import TenantId
from shared.platform.cache import Cache
from shared.platform.settings import Settings

if TYPE_CHECKING:
    from joserfc.jwe import JWERegistry
    from joserfc.jwk import ECKey, OKPKey

MEDIA_TYPE: Final = "application/jose"
MAX_SKEW_SECONDS: Final = 120

_ALGORITHMS: Final = {"alg": "ECDH-ES", "enc": "A256GCM"}
_HEADER: Final = {*_ALGORITHMS, "kid", "epk"}
_MAX_CIPHERTEXT_BYTES: Final = 2 * 1_024 * 1_024  # in base64url, of the largest body and its envelope
_REMEMBER_SECONDS: Final = 2 * MAX_SKEW_SECONDS + 60  # an envelope may be dated ahead by one skew and live for another

# 1 for the first caller who names the key, 0 for every later one.
_ONCE: Final = "if redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 1 end return 0"


class CannotBeOpened(Malformed):
    """A sealed request that is damaged, forged, stale, repeated or meant for another place: all read alike."""

    title = "The sealed request cannot be opened."


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


Coordinate = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{43}$")]


class _ReplyKey(_Closed):
    """A public JWK (RFC 7517). `ext` and `key_ops` are there because WebCrypto exports them; they say nothing here."""

    ext: bool = True
    key_ops: list[str] = []
    x: Coordinate


class _P256(_ReplyKey):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    y: Coordinate


class _X25519(_ReplyKey):
    kty: Literal["OKP"]
    crv: Literal["X25519"]


class _Envelope(_Closed):
    """What is sealed. `body` is the request's body as text, `iat` in seconds since 1970, `jti` of 128 bits or more.

    `path` is the request's target with its query, such as `/api/incidents?limit=5`; `tenant` is null where the caller
    has none yet. Were the tenant left out, whoever intercepts a request could have it opened in a tenant of his own.
    """

    v: Literal[1]
    method: str
    path: str
    tenant: UUID | None
    iat: int
    jti: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{22,64}$")]
    body: str
    reply_to: Annotated[_P256 | _X25519, Field(discriminator="kty")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A request's body, and whom its reply is sealed for."""

    body: bytes
    jti: str
    reply_key: "ECKey | OKPKey"


class Sealing:
    """Opens requests with the keys of a ring, which is published, and seals replies for the callers' own keys.

    A new key is published behind the first one, moved to the front once callers have fetched it, and the old one is
    taken away once none of them uses it.
    """

    def __init__(self, settings: Settings, cache: Cache) -> None:
        self._ring = settings.sealing_keys
        self._cache = cache

    @cached_property
    def jwks(self) -> bytes:
        """The public keys as a JWK Set. Callers take the first."""
        marks = {"use": "enc", "alg": _ALGORITHMS["alg"]}
        public = [{**key.as_dict(private=False), "kid": kid, **marks} for kid, key in self._keys.items()]
        return json.dumps({"keys": public}).encode()

    async def open_request(
        self, jwe: bytes, *, method: str, path: str, tenant_id: TenantId | None, now: datetime
    ) -> Opened:
        """Return what was sealed for exactly this request, once.

        `method`, `path` (with the query) and `tenant_id` are the request's own, the latter as its credential says.
        Raises `CannotBeOpened`, whatever is wrong with it, and `Unavailable` while nobody can tell whether it is new:
        its caller then seals it again, with another `jti`, for this one may count as seen.
        """
        envelope = self._read(jwe)
        age = int(now.timestamp()) - envelope.iat
        bound_to = (envelope.method, envelope.path, envelope.tenant)
        if bound_to != (method, path, tenant_id) or abs(age) > MAX_SKEW_SECONDS:
            raise CannotBeOpened
        reply_key = _reply_key(envelope.reply_to)
        first = await self._cache.run(_ONCE, [f"sealed:{tenant_id}:{envelope.jti}"], [_REMEMBER_SECONDS])
        if first is None:
            raise Unavailable
        if not first:
            raise CannotBeOpened
        return Opened(body=envelope.body.encode(), jti=envelope.jti, reply_key=reply_key)

    @cached_property
    def _keys(self) -> Mapping[str, "ECKey"]:
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - most processes open nothing
        from joserfc.jwk import ECKey  # noqa: PLC0415 - as above

        scalars = {kid: int.from_bytes(secret.get_secret_value()) for kid, secret in self._ring.keys.items()}
        return {kid: ECKey.import_key(ec.derive_private_key(d, ec.SECP256R1())) for kid, d in scalars.items()}

    def _read(self, jwe: bytes) -> _Envelope:
        from joserfc.jwe import decrypt_compact  # noqa: PLC0415 - 0.15 s of imports that most processes never need

        try:
            key = self._keys[_kid(jwe)]
            plaintext = decrypt_compact(jwe, key, registry=_registry()).plaintext
        except Exception:  # noqa: BLE001 - hostile bytes; the library has no common error, and all must read alike
            raise CannotBeOpened from None
        try:
            return _Envelope.model_validate_json(plaintext or b"")
        except ValidationError:
            raise CannotBeOpened from None


def seal_reply(opened: Opened, content: bytes, *, status: int) -> bytes:
    """Return the answer to an opened request as a JWE for its caller, bound to that request; `content` is UTF-8."""
    from joserfc.jwe import encrypt_compact  # noqa: PLC0415 - as above

    envelope = {"v": 1, "jti": opened.jti, "status": status, "body": content.decode()}
    header = dict(_ALGORITHMS)  # the library writes the ephemeral key into it
    return encrypt_compact(header, json.dumps(envelope), opened.reply_key, registry=_registry()).encode()


def _kid(jwe: bytes) -> str:
    """Return the id of the key that a JWE is sealed to. Raises `ValueError` for a header that is not plainly ours.

    So neither `zip` nor `crit` nor any key or address that a sender brings along is ever looked at.
    """
    from joserfc.util import json_b64decode  # noqa: PLC0415 - as above

    header = json_b64decode(jwe.partition(b".")[0])
    if set(header) != _HEADER:
        raise ValueError("unknown members")
    return str(header["kid"])


def _reply_key(given: _P256 | _X25519) -> "ECKey | OKPKey":
    """Return a key that replies can be sealed for: one that cannot be used is refused before anything happens."""
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jwk import ECKey, OKPKey  # noqa: PLC0415 - as above

    jwk = given.model_dump(exclude={"ext", "key_ops"})
    try:
        if isinstance(given, _P256):
            return ECKey.import_key(jwk)  # refuses a point that is not on the curve
        key = OKPKey.import_key(jwk)
        OKPKey.generate_key("X25519").exchange_derive_key(key)  # refuses a point of low order
    except (JoseError, ValueError):
        raise CannotBeOpened from None
    return key


def _registry() -> "JWERegistry":
    from joserfc.jwe import JWERegistry  # noqa: PLC0415 - as above

    registry = JWERegistry(algorithms=list(_ALGORITHMS.values()))
    registry.max_ciphertext_length = _MAX_CIPHERTEXT_BYTES
    return registry
