"""GET /api/.well-known/jwks.json"""

from typing import Final

from functions.http import Admission, Call, File, endpoint

_CACHE_SECONDS: Final = 300


@endpoint("GET", ".well-known/jwks.json", needs=Admission.EVERYONE, returns=File)
async def jwks(call: Call[None, None]) -> File:
    """Publish the keys that payloads may be encrypted to."""
    return File(call.runtime.sealing.jwks, "application/jwk-set+json", cache_seconds=_CACHE_SECONDS)
