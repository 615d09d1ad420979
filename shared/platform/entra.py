"""Entra tokens, for every service that is named by host and not by connection string."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.identity import DefaultAzureCredential

POSTGRES_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"
REDIS_SCOPE = "https://redis.azure.com/.default"
MODEL_SCOPE = "https://cognitiveservices.azure.com/.default"


type Credential = AsyncTokenCredential  # evaluated only by who asks for it


class Identity:
    """The identity `client_id`, or the surroundings' own when it is empty. Entra is asked at its first use.

    The credential caches its tokens and renews them before they expire, so there is one for each client, and it is
    closed with it.
    """

    def __init__(self, client_id: str) -> None:
        self._client_id = client_id
        self._credential: Credential | None = None

    @property
    def credential(self) -> Credential:
        """The credential that the Azure SDKs take."""
        if self._credential is None:
            # 0.2 s of imports that most processes never need
            from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415

            self._credential = DefaultAzureCredential(**_options(self._client_id))
        return self._credential

    async def token(self, scope: str) -> str:
        """Return a token for a service that takes it as a password. Raises `ConnectionError` when there is none."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        try:
            return (await self.credential.get_token(scope)).token
        except AzureError as error:
            raise ConnectionError("Entra gives no token") from error

    async def close(self) -> None:
        if self._credential is not None:
            await self._credential.close()


def blocking_credential(client_id: str) -> "DefaultAzureCredential":
    """Return a credential for who cannot await: the start of a process, and scripts. The caller closes it."""
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - as above

    return DefaultAzureCredential(**_options(client_id))


def _options(client_id: str) -> dict[str, Any]:
    return {"managed_identity_client_id": client_id} if client_id else {}
