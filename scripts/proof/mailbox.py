"""Reading the product's queues as the host does."""

from azure.storage.queue import TextBase64DecodePolicy
from azure.storage.queue.aio import QueueServiceClient

from shared.platform.settings import Settings


class Mailbox:
    """What waits on the queues."""

    def __init__(self, settings: Settings) -> None:
        self._service = QueueServiceClient.from_connection_string(settings.storage.get_secret_value(), retry_total=0)

    async def take(self, queue: str) -> list[str]:
        """Take every visible message of a queue."""
        client = self._service.get_queue_client(queue, message_decode_policy=TextBase64DecodePolicy())
        taken = []
        async for message in client.receive_messages(messages_per_page=32, visibility_timeout=60):
            taken.append(str(message.content))
            await client.delete_message(message)
        return taken

    async def close(self) -> None:
        await self._service.close()
