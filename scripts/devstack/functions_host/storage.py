"""Queue clients that answer soon, whatever state the storage is in."""

from typing import Final

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.queue import StorageErrorCode
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from scripts.devstack.functions_host.settings import AppSettings, SettingError

_ALREADY_GONE: Final = {
    StorageErrorCode.MESSAGE_NOT_FOUND,
    StorageErrorCode.POP_RECEIPT_MISMATCH,
    StorageErrorCode.QUEUE_NOT_FOUND,
}


class Storage:
    """Queue clients by connection name; one connection pool for each storage account."""

    def __init__(self, settings: AppSettings) -> None:
        self._settings = settings
        self._services: dict[str, QueueServiceClient] = {}

    def queue(self, connection: str, name: str) -> QueueClient:
        """The client of queue `name`, in which `%Setting%` is resolved. Raises SettingError for a bad setting."""
        return self._service(self._settings.connection_string(connection)).get_queue_client(
            self._settings.resolve(name).lower()
        )

    def _service(self, connection_string: str) -> QueueServiceClient:
        if connection_string not in self._services:
            try:
                # The default retries hold a refused connection for more than a minute.
                service = QueueServiceClient.from_connection_string(
                    connection_string, retry_total=0, connection_timeout=2, read_timeout=10
                )
            except ValueError as error:
                raise SettingError(f"The storage connection string cannot be used: {error}") from error
            self._services[connection_string] = service
        return self._services[connection_string]

    async def close(self) -> None:
        for service in self._services.values():
            await service.close()


def is_already_gone(error: AzureError) -> bool:
    """Whether a message is no longer ours to change: deleted, or leased by another host."""
    return isinstance(error, HttpResponseError) and getattr(error, "error_code", None) in _ALREADY_GONE


async def send(queue: QueueClient, text: str) -> None:
    """Add a message, and the queue itself when it does not exist yet."""
    try:
        await queue.send_message(text)
    except ResourceNotFoundError:
        await queue.create_queue()
        await queue.send_message(text)
