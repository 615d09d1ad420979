"""Redis Pub/Sub between the processes of the stand-in: at most once, as the service."""

import asyncio
import logging
from collections.abc import Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from scripts.devstack.webpubsub.commands import Command, decode, encode

CHANNEL = "awps"
TIMEOUT = 2.0  # seconds
RESUBSCRIBE_PAUSE = 0.2  # seconds

_log = logging.getLogger(__name__)


def connect(url: str) -> "Redis":
    """A client that repeats a command once, because a restarted server leaves dead connections in the pool."""
    return Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 1))


class Bus:
    """Publishes commands and hands over those that arrive."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._subscribed = asyncio.Event()

    @property
    def is_subscribed(self) -> bool:
        return self._subscribed.is_set()

    async def wait_subscribed(self) -> None:
        await self._subscribed.wait()

    async def publish(self, command: Command) -> None:
        """Sends a command to every process.

        Raises:
            RedisError: Redis does not answer, or nobody listens (which, as we listen ourselves, is an outage).

        """
        if not await self._redis.publish(CHANNEL, encode(command)):
            raise RedisConnectionError("Nobody received the command.")

    async def run(self, on_subscribed: Callable[[], None], on_command: Callable[[Command], None]) -> None:
        """Listens until cancelled, over every restart of Redis."""
        is_outage_known = False
        while True:
            try:
                await self._listen(on_subscribed, on_command)
            except RedisError as error:
                if not is_outage_known or self._subscribed.is_set():
                    _log.warning("Redis is away, and tried again until it is back: %s", error)
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
                        if (command := _read(item["data"])) is not None:
                            on_command(command)
                    case _:
                        pass


def _read(data: bytes) -> Command | None:
    try:
        return decode(data)
    except ValueError as error:
        _log.warning("Not a command on channel %s: %s", CHANNEL, error)
        return None
