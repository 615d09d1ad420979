"""Queue triggers: fetch, run, and then delete, release or move to the poison queue."""

import asyncio
import enum
import logging
import random
from datetime import timedelta
from typing import Final

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from scripts.devstack.functions_host.app import Function
from scripts.devstack.functions_host.background import Background, pause
from scripts.devstack.functions_host.dispatcher import Dispatcher
from scripts.devstack.functions_host.host_json import QueuesOptions
from scripts.devstack.functions_host.queue_messages import decode, trigger_data, trigger_metadata
from scripts.devstack.functions_host.storage import is_already_gone, send

logger = logging.getLogger(__name__)

POISON_SUFFIX: Final = "-poison"
_MIN_DELAY: Final = 0.1


class Settlement(enum.Enum):
    """What becomes of a message after an attempt."""

    DELETE = enum.auto()
    RELEASE = enum.auto()
    POISON = enum.auto()
    LEAVE = enum.auto()


class Attempt(enum.Enum):
    SUCCEEDED = enum.auto()
    FAILED = enum.auto()
    UNDECODABLE = enum.auto()


def settle(attempt: Attempt, *, dequeue_count: int, max_dequeue_count: int, has_poison_queue: bool) -> Settlement:
    """Decide a message's fate. Without a poison queue a failed message stays leased, so that it cannot spin."""
    if attempt is Attempt.SUCCEEDED:
        return Settlement.DELETE
    if not has_poison_queue:
        return Settlement.LEAVE
    if attempt is Attempt.FAILED and dequeue_count < max_dequeue_count:
        return Settlement.RELEASE
    return Settlement.POISON


class Backoff:
    """Random exponential delays between empty polls: each adds twice as much as the one before, give or take 20 %."""

    def __init__(self, maximum: timedelta) -> None:
        self._maximum = max(maximum.total_seconds(), _MIN_DELAY)
        self.reset()

    def reset(self) -> None:
        self._delay, self._increment = _MIN_DELAY, _MIN_DELAY

    def next(self) -> float:
        """Seconds to wait now."""
        delay = self._delay
        self._delay = min(self._maximum, delay + random.uniform(0.8, 1.2) * self._increment)  # noqa: S311 - not a secret
        self._increment *= 2
        return delay


class QueueListener:
    """Polls one queue for one function until told to stop; a storage that does not answer is asked again later."""

    def __init__(
        self,
        function: Function,
        queue: QueueClient,
        poison: QueueClient | None,
        dispatcher: Dispatcher,
        background: Background,
        options: QueuesOptions,
        lease: int,
    ) -> None:
        """`lease`, in seconds, hides a fetched message from others; it is renewed while the function runs."""
        self._function = function
        self._queue = queue
        self._poison = poison
        self._dispatcher = dispatcher
        self._background = background
        self._options = options
        self._lease = lease
        self._running: set[asyncio.Task[None]] = set()
        self._is_reachable = True

    async def listen(self, stop: asyncio.Event) -> None:
        backoff = Backoff(self._options.max_polling_interval)
        while not stop.is_set():
            messages = await self._fetch()
            for message in messages:
                task = self._background.start(self._handle(message))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            if messages:
                backoff.reset()
                while len(self._running) > self._options.refill_at:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            else:
                await pause(stop, backoff.next())

    async def _fetch(self) -> list[QueueMessage]:
        """Up to a batch of messages; none when there are none, or no queue, or no storage."""
        pages = self._queue.receive_messages(
            messages_per_page=self._options.batch_size, visibility_timeout=self._lease
        ).by_page()
        try:
            messages = [message async for message in await anext(pages)]
        except (StopAsyncIteration, ResourceNotFoundError):
            messages = []
        except AzureError as error:
            if self._is_reachable:
                logger.warning("Queue '%s' does not answer and is asked again: %s", self._queue.queue_name, error)
            self._is_reachable = False
            return []
        if not self._is_reachable:
            logger.warning("Queue '%s' answers again.", self._queue.queue_name)
        self._is_reachable = True
        return messages

    async def _handle(self, message: QueueMessage) -> None:
        attempt = await self._attempt(message)
        fate = settle(
            attempt,
            dequeue_count=message.dequeue_count or 1,
            max_dequeue_count=self._options.max_dequeue_count,
            has_poison_queue=self._poison is not None,
        )
        try:
            await self._apply(fate, message)
        except AzureError as error:
            if not is_already_gone(error):
                name = self._queue.queue_name
                logger.warning("Message %s of '%s' stays until its lease ends: %s", message.id, name, error)

    async def _attempt(self, message: QueueMessage) -> Attempt:
        """Run the function, unless earlier runs used up the attempts and ended before they could say so."""
        if (message.dequeue_count or 1) > self._options.max_dequeue_count:
            return Attempt.FAILED
        try:
            text = decode(message.content, self._options.message_encoding)
        except ValueError as error:
            logger.warning("Message %s of '%s' cannot be decoded: %s", message.id, self._queue.queue_name, error)
            return Attempt.UNDECODABLE
        done = asyncio.Event()
        renewal = asyncio.create_task(self._renew(message, done))
        try:
            result = await self._dispatcher.run(
                self._function,
                trigger_data(text, self._function.trigger.get("dataType")),
                metadata=trigger_metadata(message, text),
            )
        finally:
            # Not cancelled: a renewal under way changes the receipt that the message is settled with.
            done.set()
            await renewal
        return Attempt.FAILED if result.error else Attempt.SUCCEEDED

    async def _renew(self, message: QueueMessage, done: asyncio.Event) -> None:
        """Extend the lease at half its time, until the run is done."""
        wait = self._lease / 2
        while True:
            await pause(done, wait)
            if done.is_set():
                return
            try:
                await self._extend(message, self._lease)
            except AzureError as error:
                if is_already_gone(error):
                    return
                wait = self._lease / 10
            else:
                wait = self._lease / 2

    async def _extend(self, message: QueueMessage, seconds: int) -> None:
        updated = await self._queue.update_message(message.id, message.pop_receipt, visibility_timeout=seconds)
        message.pop_receipt = updated.pop_receipt

    async def _apply(self, fate: Settlement, message: QueueMessage) -> None:
        match fate:
            case Settlement.DELETE:
                await self._queue.delete_message(message.id, message.pop_receipt)
            case Settlement.RELEASE:
                await self._extend(message, int(self._options.visibility_timeout.total_seconds()))
            case Settlement.POISON if self._poison is not None:
                logger.error("Message %s moves to '%s'.", message.id, self._poison.queue_name)
                await send(self._poison, message.content)
                await self._queue.delete_message(message.id, message.pop_receipt)
