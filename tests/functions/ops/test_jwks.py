"""The keys that payloads may be encrypted to."""

import json

from joserfc.jwk import KeySet

from shared.platform.sealing import Sealing
from tests.fixtures import App
from tests.shared.platform.sealed import envelope, opened, seal


async def test_anybody_can_fetch_the_public_keys_and_keep_them_for_a_while(app: App) -> None:
    answer = await app.call("GET", ".well-known/jwks.json")
    assert (answer.status, answer.media_type) == (200, "application/jwk-set+json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert [key["kid"] for key in answer.json["keys"]] == ["new", "old"]
    assert "d" not in set().union(*answer.json["keys"])


async def test_what_is_sealed_to_a_published_key_opens(app: App) -> None:
    published = KeySet.import_key_set((await app.call("GET", ".well-known/jwks.json")).json)
    ours: Sealing = app.runtime.sealing
    for key in published.keys:
        jwe = seal(json.dumps(envelope()), key=key, kid=key.kid)
        assert await opened(ours, jwe)
