"""Credentials in text that people will read."""

import re
from typing import Final

_MASK: Final = "[masked]"
# By form: signed tokens, keys and tokens of ours (opaque ones too); then whatever is named as a secret.
_CREDENTIAL: Final = re.compile(
    r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|sre_(?:key|ingest)_[\w.-]+"
    r"|\b[0-9a-f]{64}_[\w-]{43}"
    r"|(?<=bearer )[^\s\"',;]+"
    r"|(?<=basic )[A-Za-z0-9+/=]{8,}",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"""((?:password|passwd|secret|token|api[_-]?key|authorization)["']?\s*[:=]\s*["']?)(?!bearer\b|basic\b)[^\s"',;&}]+""",
    re.IGNORECASE,
)


def mask_secrets(text: str) -> str:
    """Return the text without what looks like a credential."""
    return _NAMED.sub(rf"\1{_MASK}", _CREDENTIAL.sub(_MASK, text))
