"""Sealing as an honest caller does it, and as one who means harm could."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from joserfc.jwe import JWERegistry, encrypt_compact
from joserfc.jwk import ECKey, Key

from shared.kernel.values import TenantId
from shared.platform.cache import Cache
from shared.platform.sealing import Opened, Sealing
from tests.shared.platform.offline import offline

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECONDS: Final = int(NOW.timestamp())
TENANT: Final = TenantId(UUID("0197c1a0-0000-7000-8000-000000000001"))
METHOD: Final = "POST"
PATH: Final = "/api/incidents/1/transitions?dry=1"
BODY: Final = '{"to":"resolved","note":"ü"}'
REPLY_KEY: Final = ECKey.generate_key("P-256")
KEYS: Final = {"new": bytes(range(1, 33)), "old": bytes(range(33, 65))}


def ring(*kids: str) -> str:
    return ",".join(f"{kid}:{urlsafe_b64encode(KEYS[kid]).decode()}" for kid in kids)


def sealing(redis_url: str, *kids: str) -> Sealing:
    settings = offline(SEALING_KEYS=ring(*(kids or KEYS)), REDIS_URL=redis_url)
    return Sealing(settings, Cache(settings))


PUBLIC: Final = {key["kid"]: ECKey.import_key(key) for key in json.loads(sealing("redis://127.0.0.1:1").jwks)["keys"]}


def envelope(**changes: Any) -> dict[str, Any]:
    """An envelope that opens, but for the changes; `...` takes a member away."""
    honest = {
        "v": 1,
        "method": METHOD,
        "path": PATH,
        "tenant": str(TENANT),
        "iat": SECONDS,
        "jti": uuid4().hex,
        "body": BODY,
        "reply_to": REPLY_KEY.as_dict(private=False),
    }
    return {name: value for name, value in (honest | changes).items() if value is not ...}


def seal(plaintext: str | bytes, *, key: Key = PUBLIC["new"], **header: Any) -> bytes:
    """Encrypt with whatever header is asked for; `...` takes a member away."""
    wanted = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "new"} | header
    protected = {name: value for name, value in wanted.items() if value is not ...}
    registry = JWERegistry(algorithms=[wanted["alg"], wanted["enc"], "DEF"], strict_check_header=False)
    return encrypt_compact(protected, plaintext, key, registry=registry).encode()


def sealed(**changes: Any) -> bytes:
    """An envelope with changes, sealed as it should be."""
    return seal(json.dumps(envelope(**changes)))


def relabelled(jwe: bytes, **header: Any) -> bytes:
    """Change the header of a sealed message without its key; `...` takes a member away."""
    encoded, _, rest = jwe.partition(b".")
    changed = json.loads(urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))) | header
    return b64(json.dumps({name: value for name, value in changed.items() if value is not ...}).encode()) + b"." + rest


def b64(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


async def opened(
    by: Sealing,
    jwe: bytes,
    *,
    method: str = METHOD,
    path: str = PATH,
    tenant_id: TenantId | None = TENANT,
    now: datetime = NOW,
) -> Opened:
    return await by.open_request(jwe, method=method, path=path, tenant_id=tenant_id, now=now)
