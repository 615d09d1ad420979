"""Redis Pub/Sub between the processes of the stand-in: at most once, as the service."""

import asyncio
import logging
import uuid
from collections.abc import Callable

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from scripts.devstack.webpubsub.commands import Command, decode, encode

CHANNEL = "awps"
TIMEOUT = 2.0  # seconds
RESUBSCRIBE_PAUSE = 0.2  # seconds
TICKET_BYTES = 32  # before each command, by which its publisher knows it again

_log = logging.getLogger(__name__)


def connect(url: str) -> Redis:
    """A client that repeats a command once, because a restarted server leaves dead connections in the pool."""
    return Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 1))


class Bus:
    """Publishes commands and hands over those that arrive, in one order for all processes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._subscribed = asyncio.Event()
        self._awaited: dict[bytes, asyncio.Future[None]] = {}

    @property
    def is_subscribed(self) -> bool:
        return self._subscribed.is_set()

    async def wait_subscribed(self) -> None:
        await self._subscribed.wait()

    async def publish(self, command: Command, write: Callable[[Pipeline], None] | None = None) -> None:
        """Sends a command to every process, and returns once this one has applied it.

        `write` adds what is to happen in the same transaction.

        Raises:
            RedisError: Redis is away, or was before the command came back.

        """
        ticket = uuid.uuid4().hex.encode()
        applied = self._awaited[ticket] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(TIMEOUT), self._redis.pipeline(transaction=write is not None) as pipeline:
                if write is not None:
                    write(pipeline)
                pipeline.publish(CHANNEL, ticket + encode(command))
                await pipeline.execute()
                await applied
        except TimeoutError as error:
            raise RedisConnectionError("The command did not come back.") from error
        finally:
            del self._awaited[ticket]

    async def run(self, on_subscribed: Callable[[], None], on_command: Callable[[Command], None]) -> None:
        """Listens until cancelled, over every restart of Redis."""
        is_outage_known = False
        while True:
            try:
                await self._listen(on_subscribed, on_command)
            except RedisError as error:
                if self.is_subscribed or not is_outage_known:
                    _log.warning("Redis is away, and tried until it is back: %s", error)
                is_outage_known = True
            self._subscribed.clear()
            await asyncio.sleep(RESUBSCRIBE_PAUSE)

    async def _listen(self, on_subscribed: Callable[[], None], on_command: Callable[[Command], None]) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            async for item in pubsub.listen():
                match item["type"]:
                    case "subscribe":
                        on_subscribed()
                        self._subscribed.set()
                    case "message":
                        self._receive(item["data"], on_command)
                    case _:
                        pass

    def _receive(self, data: bytes, on_command: Callable[[Command], None]) -> None:
        ticket, body = data[:TICKET_BYTES], data[TICKET_BYTES:]
        try:
            command = decode(body)
        except ValueError as error:
            _log.warning("Not a command on channel %s: %s", CHANNEL, error)
            return
        on_command(command)
        applied = self._awaited.get(ticket)
        if applied is not None and not applied.done():
            applied.set_result(None)
