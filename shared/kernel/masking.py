"""Credentials in text that people, or a language model, will read."""

import re
from typing import Final

_MASK: Final = "[masked]"
# By form: signed tokens, keys and tokens of ours (opaque ones too), private keys, the keys of well-known clouds and
# services, passwords in URLs; then whatever is named as a secret.
_CREDENTIAL: Final = re.compile(
    r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|sre_(?:key|ingest)_[\w.-]+"
    r"|\b[0-9a-f]{64}_[\w-]{43}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[\s\S]){0,8192}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}=="  # a key of an Azure storage account
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\bAIza[\w-]{35}"
    r"|\bwhsec_[\w+/=-]+"
    r"|(?<=hooks\.slack\.com/)[\w./-]+"
    r"|(?<=://)[^\s/@:\"']{0,128}:[^\s/@\"']{1,256}(?=@)"
    r"|(?<=bearer )[^\s\"',;]+"
    r"|(?<=basic )[A-Za-z0-9+/=]{8,}",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"""((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|shared[_-]?access[_-]?key"""
    r"""|client[_-]?secret|authorization|[?&;]sig)["']?\s*[:=]\s*["']?)(?!bearer\b|basic\b)[^\s"',;&}]+""",
    re.IGNORECASE,
)


def mask_secrets(text: str) -> str:
    """Return the text without what looks like a credential."""
    return _NAMED.sub(rf"\1{_MASK}", _CREDENTIAL.sub(_MASK, text))
