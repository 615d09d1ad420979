"""Tokens that name a row of a tenant and prove it by a secret: refresh tokens, invitations."""

import re
from typing import Final
from uuid import UUID

from shared.kernel.values import TenantId

_FORM: Final = re.compile(r"([0-9a-f]{32})([0-9a-f]{32})_([A-Za-z0-9_-]{43})")


def write(tenant_id: UUID, row_id: UUID, secret: str) -> str:
    """Return the token; `secret` is 256 bits in base64url."""
    return f"{tenant_id.hex}{row_id.hex}_{secret}"


def read(text: str) -> tuple[TenantId, UUID, str] | None:
    """Return the tenant, the row and the secret of a token; None when it is none."""
    found = _FORM.fullmatch(text)
    return (TenantId(UUID(hex=found[1])), UUID(hex=found[2]), found[3]) if found else None
