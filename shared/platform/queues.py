"""Azure Storage queues: addresses of work, and the alerts that could not wait for the database."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from shared.kernel.errors import Unavailable
from shared.platform.entra import Identity
from shared.platform.settings import StorageAccess

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient, QueueServiceClient

MAX_MESSAGE_BYTES: Final = 48 * 1_024  # 64 KiB is the service's limit, after base64
NEVER: Final = -1  # the default would drop a message after seven days
STORAGE_CLIENT: Final[dict[str, Any]] = {"retry_total": 0, "connection_timeout": 1, "read_timeout": 5}


class Queue(StrEnum):
    """The queues of a deployment. Each has a twin, named with `-poison`, for what failed five times."""

    ALERTS = "alerts"
    CHANGES = "changes"
    HYPOTHESES = "hypotheses"
    TRANSITIONS = "transitions"
    NOTIFICATIONS = "notifications"
    AUDIT = "audit"


def poison_of(queue: Queue) -> str:
    """Return the name of a queue's twin."""
    return f"{queue.value}-poison"


class QueueAway(Unavailable):
    title = "The queue is unavailable. Try again later."


class Queues:
    """Sends messages. Receiving is the host's business."""

    def __init__(self, access: StorageAccess) -> None:
        self._access = access
        self._identity = Identity(access.client_id)
        self._service: QueueServiceClient | None = None
        self._clients: dict[str, QueueClient] = {}

    async def send(self, queue: str, text: str, *, delay: int = 0) -> None:
        """Put one message on a queue, invisible for `delay` seconds. Raises `QueueAway`."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - the client's imports cost 0.26 s

        try:
            await self._client(queue).send_message(text, visibility_timeout=delay, time_to_live=NEVER)
        except (AzureError, OSError, TimeoutError) as error:
            raise QueueAway from error

    async def create(self, queues: Iterable[str]) -> None:
        """Create queues that do not exist yet."""
        from azure.core.exceptions import ResourceExistsError  # noqa: PLC0415 - the client's imports cost 0.26 s

        for queue in queues:
            try:
                await self._client(queue).create_queue()
            except ResourceExistsError:
                continue

    async def depth(self, queue: str) -> int:
        """Return about how many messages wait. Raises whatever the client raises: for health, not for work."""
        return int((await self._client(queue).get_queue_properties()).approximate_message_count or 0)

    async def first_since(self, queue: str) -> datetime | None:
        """Return when the first message that can be seen was put there, to the second. Raises `QueueAway`."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - the client's imports cost 0.26 s

        try:
            return next((one.inserted_on for one in await self._client(queue).peek_messages(max_messages=1)), None)
        except (AzureError, OSError, TimeoutError) as error:
            raise QueueAway from error

    async def close(self) -> None:
        if self._service is not None:
            await self._service.close()
        await self._identity.close()

    def _client(self, queue: str) -> "QueueClient":
        if queue not in self._clients:
            from azure.storage.queue import TextBase64EncodePolicy  # noqa: PLC0415 - as above
            from azure.storage.queue.aio import QueueServiceClient  # noqa: PLC0415 - as above

            if self._service is None:
                if given := self._access.connection_string.get_secret_value():
                    self._service = QueueServiceClient.from_connection_string(given, **STORAGE_CLIENT)
                else:
                    self._service = QueueServiceClient(
                        self._access.queue_service_uri, self._identity.credential, **STORAGE_CLIENT
                    )
            self._clients[queue] = self._service.get_queue_client(queue, message_encode_policy=TextBase64EncodePolicy())
        return self._clients[queue]
