"""Azure Blob Storage: what is written once and never again."""

from typing import TYPE_CHECKING, Final

from shared.kernel.errors import Unavailable
from shared.platform.entra import Identity
from shared.platform.queues import STORAGE_CLIENT
from shared.platform.settings import StorageAccess

if TYPE_CHECKING:
    from azure.storage.blob.aio import BlobServiceClient, ContainerClient

AUDIT_SEALS: Final = "audit-seals"


class BlobsAway(Unavailable):
    title = "Blob storage is unavailable. Try again later."


class BlobStore:
    """The blobs of a deployment."""

    def __init__(self, access: StorageAccess) -> None:
        self._access = access
        self._identity = Identity(access.client_id)
        self._service: BlobServiceClient | None = None

    async def create(self) -> None:
        """Create the containers that do not exist yet."""
        from azure.core.exceptions import ResourceExistsError  # noqa: PLC0415 - not needed to start

        try:
            await self._container(AUDIT_SEALS).create_container()
        except ResourceExistsError:
            return

    async def write_once(self, container: str, name: str, content: bytes) -> bytes:
        """Write a blob unless there is one of the name; return what it holds from then on. Raises `BlobsAway`."""
        from azure.core.exceptions import AzureError, ResourceExistsError  # noqa: PLC0415 - as above

        try:
            await self._container(container).get_blob_client(name).upload_blob(content, overwrite=False)
        except ResourceExistsError:
            kept = await self.read(container, name)
            if kept is None:
                raise BlobsAway from None  # somebody has deleted it since; the next try writes
            return kept
        except (AzureError, OSError, TimeoutError) as error:
            raise BlobsAway from error
        return content

    async def read(self, container: str, name: str) -> bytes | None:
        """Return what a blob holds, None where there is none. Raises `BlobsAway`."""
        from azure.core.exceptions import AzureError, ResourceNotFoundError  # noqa: PLC0415 - as above

        try:
            found = await self._container(container).get_blob_client(name).download_blob()
            return await found.readall()
        except ResourceNotFoundError:
            return None
        except (AzureError, OSError, TimeoutError) as error:
            raise BlobsAway from error

    async def close(self) -> None:
        if self._service is not None:
            await self._service.close()
        await self._identity.close()

    def _container(self, name: str) -> "ContainerClient":
        if self._service is None:
            from azure.storage.blob.aio import BlobServiceClient  # noqa: PLC0415 - as above

            if given := self._access.connection_string.get_secret_value():
                self._service = BlobServiceClient.from_connection_string(given, **STORAGE_CLIENT)
            else:
                self._service = BlobServiceClient(
                    self._access.blob_service_uri, credential=self._identity.credential, **STORAGE_CLIENT
                )
        return self._service.get_container_client(name)
