"""Entra tokens, for every service that is named by host and not by connection string."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

POSTGRES_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"
REDIS_SCOPE = "https://redis.azure.com/.default"


type Credential = AsyncTokenCredential  # evaluated only by who asks for it


def credential(client_id: str) -> Credential:
    """Return a credential for the identity `client_id`, or for the surroundings' own when it is empty.

    It caches its tokens and renews them before they expire.
    """
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - 0.2 s of imports that most processes never need

    options: dict[str, Any] = {"managed_identity_client_id": client_id} if client_id else {}
    return DefaultAzureCredential(**options)
