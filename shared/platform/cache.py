"""Redis: fast, shared, and never needed. Every answer may be missing, and nothing waits long for one.

Few writes take back what other processes believe for a while. Those are owed: they are tried again for as long.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from shared.platform.breaker import Breaker
from shared.platform.entra import REDIS_SCOPE, Identity
from shared.platform.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

_SOCKETS: Final = 16
_AWAY: Final = 0.5  # seconds after a failure in which nobody else waits for the next one
_SIGN_IN: Final = 2.0  # seconds for TLS and a token, which a new connection needs
_TIMEOUT: Final = 0.1  # seconds; the client's own defaults hold a request for four seconds when Redis is away
_AGAIN: Final = 0.1  # seconds until what is owed is tried again
_WAIT: Final = 1.0  # seconds that a caller waits for what is owed
_CLOSE_SECONDS: Final = 2.0
_BELIEVED: Final = 10  # seconds that processes go by what was remembered
# A mark in the place of what is forgotten, for longer than a reader takes from the database to the cache, so that what
# it read before the change is not kept after it.
_FORGOTTEN: Final = ""
_FORGOTTEN_SECONDS: Final = 5
_REMEMBER: Final = "return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2], 'NX')"


@dataclass(frozen=True, slots=True, eq=False)
class _Owed:
    """A command that is tried until `ends`, by the loop's clock. `over` is set once it is done or given up."""

    command: tuple[str | float, ...]
    ends: float
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Cache:
    """A few commands on Redis. When Redis is away, reads find nothing and writes are lost, both with a warning."""

    def __init__(self, settings: Settings, *, timeout: float = _TIMEOUT) -> None:
        self._timeout = timeout
        self._settings = settings
        self._identity = Identity(settings.azure_client_id)
        self._client: Redis | None = None
        self._breaker = Breaker(_AWAY)
        self._owed: dict[str, _Owed] = {}
        self._paying: asyncio.Task[None] | None = None

    @property
    def is_resting(self) -> bool:
        """Whether nobody asks Redis for a moment, because it has just failed."""
        return self._breaker.is_open

    async def get(self, key: str) -> str | None:
        """Return the text at `key`; None when there is none, or when Redis does not answer."""
        return await self._try("GET", key)  # type: ignore[no-any-return]  # decoded text or None

    async def set(self, key: str, value: str, *, seconds: int | None = None) -> None:
        """Store text at `key`, for a while or for good."""
        await self._try("SET", key, value, *(("EX", seconds) if seconds else ()))

    async def remember(self, key: str, value: str) -> None:
        """Store text that was read from the database for ten seconds, unless `key` holds some or was just forgotten."""
        await self.run(_REMEMBER, [key], [value, _BELIEVED])

    async def forget(self, key: str) -> None:
        """Make every process read anew what was remembered at `key`. Call it after the commit."""
        await self.impose(key, _FORGOTTEN, seconds=_FORGOTTEN_SECONDS, believed=_BELIEVED)

    async def add(self, key: str, amount: int) -> int | None:
        """Add to the number at `key`, which begins at 0, and return it; None when Redis does not answer."""
        return await self._try("INCRBY", key, amount)  # type: ignore[no-any-return]  # a number or None

    async def impose(self, key: str, value: str, *, seconds: int, believed: float) -> None:
        """Store text at `key` for a while in the place of what others believe, which they do for `believed` seconds.

        While Redis is away that is tried again, and a later text for the key takes its place. Returns once it is
        stored, and after a second at most.
        """
        owed = self._owe(key, ("SET", key, value, "EX", seconds), believed)
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAIT):
                await owed.over.wait()

    def add_later(self, key: str, amount: int, *, believed: float) -> None:
        """Add to the number at `key`, behind the caller's back and as `impose` does, maybe more than once."""
        self._owe(key, ("INCRBY", key, amount), believed)

    async def delete(self, *keys: str) -> None:
        """Forget keys."""
        await self._try("DEL", *keys)

    async def run(self, script: str, keys: list[str], arguments: list[str | float]) -> Any:
        """Run a Lua script; None when Redis does not answer."""
        return await self._try("EVAL", script, len(keys), *keys, *arguments)

    async def ping(self) -> None:
        """Raise when Redis does not answer."""
        await self._connected().ping()

    async def close(self) -> None:
        """Do what is owed, as far as that takes two seconds at most, and let go of all connections."""
        if self._paying is not None:
            await asyncio.wait({self._paying}, timeout=_CLOSE_SECONDS)
            self._paying.cancel()
            await asyncio.gather(self._paying, return_exceptions=True)
        if self._client is not None:
            from redis.exceptions import RedisError  # noqa: PLC0415 - loaded with the client

            with suppress(RedisError):  # a busy machine may not see the other side's goodbye in time
                await self._client.aclose()
        await self._identity.close()

    async def _try(self, *command: str | float) -> Any:
        from redis.exceptions import RedisError  # noqa: PLC0415 - loaded with the client

        if self.is_resting:
            return None
        try:
            return await self._ask(*command)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("Redis is away: %s", type(error).__name__)
            self._breaker.failed()
            return None

    async def _ask(self, *command: str | float) -> Any:
        return await self._connected().execute_command(*command)  # type: ignore[no-untyped-call]  # untyped there

    def _owe(self, key: str, command: tuple[str | float, ...], seconds: float) -> _Owed:
        ends = asyncio.get_running_loop().time() + seconds
        before = self._owed.get(key)
        owed = self._owed[key] = _Owed(command, ends, before.over) if before else _Owed(command, ends)
        if self._paying is None or self._paying.done():
            # In nobody's context: it goes on after the work of whoever owes it.
            self._paying = asyncio.create_task(self._pay(), context=Context())
        return owed

    async def _pay(self) -> None:
        """Run what is owed, also while nobody else asks Redis: one command at a time, and none twice in a moment."""
        from redis.exceptions import RedisError  # noqa: PLC0415 - loaded with the client

        while self._owed:
            try:
                for key, owed in list(self._owed.items()):
                    if asyncio.get_running_loop().time() < owed.ends:
                        await self._ask(*owed.command)
                    else:
                        log.error("Redis stayed away: others may go on by what was at %s", key.partition(":")[0])
                    if self._owed[key] is owed:
                        del self._owed[key]
                        owed.over.set()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("Redis is away and %d writes wait: %s", len(self._owed), type(error).__name__)
                await asyncio.sleep(_AGAIN)

    def _connected(self) -> "Redis":
        if self._client is None:
            # 0.14 s of imports, not needed to start
            from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415
            from redis.maint_notifications import MaintNotificationsConfig  # noqa: PLC0415 - as above

            # A bounded pool: a crowd of callers waits for a socket instead of opening one each.
            options: dict[str, Any] = {
                "max_connections": _SOCKETS,
                "timeout": 2 * self._timeout,
                "decode_responses": True,
                "socket_timeout": self._timeout,
                "socket_connect_timeout": self._timeout,
                "retry": None,
                # With them, the pool no longer sees that the other side has ended a connection.
                "maint_notifications_config": MaintNotificationsConfig(enabled=False),
            }
            if url := self._settings.redis_url.get_secret_value():
                pool = BlockingConnectionPool.from_url(url, **options)
            else:
                pool = BlockingConnectionPool(**{**options, **_entra(self._settings, self._identity)})
            self._client = Redis.from_pool(pool)
        return self._client


def _entra(settings: Settings, identity: Identity) -> Mapping[str, Any]:
    """Return the options of connections that sign in with an Entra token, fetched for each of them.

    The service ends a connection whose token has expired. A pool looks at an idle connection before it gives it away,
    so whoever comes next gets a new one and notices nothing.
    """
    import jwt  # noqa: PLC0415 - only where Redis takes Entra tokens
    from redis.asyncio import SSLConnection  # noqa: PLC0415 - as above
    from redis.credentials import CredentialProvider  # noqa: PLC0415 - as above

    class Entra(CredentialProvider):
        def get_credentials(self) -> tuple[str, str]:
            raise RuntimeError("this client is asynchronous")

        async def get_credentials_async(self) -> tuple[str, str]:
            token = await identity.token(REDIS_SCOPE)
            # The user name is the identity's object id, which the token itself names; Redis verifies the token.
            return str(jwt.decode(token, options={"verify_signature": False})["oid"]), token

    return {
        "connection_class": SSLConnection,
        "host": settings.redis_host,
        "port": settings.redis_port,
        "credential_provider": Entra(),
        "timeout": _SIGN_IN,
        "socket_timeout": 1,
        "socket_connect_timeout": _SIGN_IN,
    }
