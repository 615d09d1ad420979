"""Credentials that are nobody's in the product: a monitoring system's, and a service's of ours."""

import hmac
from collections.abc import Mapping
from typing import Final

from functions.http import Proof
from shared.platform.runtime import Runtime


def _is_scraper(runtime: Runtime, headers: Mapping[str, str]) -> bool:
    token = runtime.settings.metrics_token.get_secret_value()
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    is_same = hmac.compare_digest(shown.encode(), token.encode())
    return bool(token) and scheme.lower() == "bearer" and is_same


def _is_web_pubsub(runtime: Runtime, headers: Mapping[str, str]) -> bool:
    return runtime.realtime.has_signed(headers.get("ce-connectionid", ""), headers.get("ce-signature", ""))


SCRAPER: Final = Proof(scheme="scraper", holds=_is_scraper)
WEB_PUBSUB: Final = Proof(scheme="webPubSub", holds=_is_web_pubsub)
