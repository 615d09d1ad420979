"""Looking at queues, and the function that most queue tests need."""

import asyncio
from collections.abc import Callable
from typing import Any

import azure.functions as func
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

type Consume = Callable[[func.QueueMessage], object]


def plain_text(**queues: Any) -> dict[str, Any]:
    """A host.json for messages without base64, polled often, with other options of queues."""
    return {"extensions": {"queues": {"messageEncoding": "none", "maxPollingInterval": "00:00:00.2", **queues}}}


def add_consumer(app: func.FunctionApp, consume: Consume, queue_name: str = "%Queue%") -> None:
    @app.queue_trigger(arg_name="message", queue_name=queue_name, connection="AzureWebJobsStorage")
    async def consumer(message: func.QueueMessage) -> None:
        outcome = consume(message)
        if asyncio.iscoroutine(outcome):
            await outcome


async def count(queue: QueueClient) -> int:
    return (await queue.get_queue_properties()).approximate_message_count or 0


async def texts(queue: QueueClient) -> set[str]:
    try:
        return {message.content for message in await queue.peek_messages(max_messages=32)}
    except ResourceNotFoundError:
        return set()


async def await_texts(queue: QueueClient, expected: set[str]) -> None:
    """Wait until the queue holds what is expected: storage has nothing to await but the next look."""
    async with asyncio.timeout(10):
        while await texts(queue) != expected:  # noqa: ASYNC110 - as said above
            await asyncio.sleep(0.05)
