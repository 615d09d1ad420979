"""Tables in Redis of who is connected anywhere, so that every process gives the same answers.

Each process writes its own connections and renews them; what it does not renew, because it was killed, expires.
An index is a sorted set of connection ids by expiry in seconds since the epoch.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from itertools import batched
from typing import cast

from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from scripts.devstack.webpubsub.commands import JoinGroups, LeaveGroups, SetRoles
from scripts.devstack.webpubsub.connections import Connection

BATCH = 100


class Entry(BaseModel):
    """A connection as the whole stand-in knows it."""

    model_config = ConfigDict(frozen=True)

    id: str
    user_id: str | None
    groups: frozenset[str]
    roles: frozenset[str]


class Directory:
    """Raises RedisError from every method when Redis does not answer; `ttl` in seconds."""

    def __init__(self, redis: Redis, ttl: float) -> None:
        self._redis = redis
        self._ttl = ttl
        self._ttl_ms = int(ttl * 1000)

    async def save(self, connections: Iterable[Connection]) -> None:
        """Enters connections of this process, or renews them."""
        for batch in batched(connections, BATCH, strict=False):
            async with self._redis.pipeline(transaction=True) as pipeline:
                for connection in batch:
                    self._enter(pipeline, connection)
                await pipeline.execute()

    async def remove(self, connections: Iterable[Connection]) -> None:
        """Deletes connections of this process."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            for connection in connections:
                pipeline.delete(_entry(connection.hub, connection.id))
                for index in _indexes(connection.hub, connection.user_id, connection.groups | connection.indexed):
                    pipeline.zrem(index, connection.id)
            await pipeline.execute()

    def join(self, pipeline: Pipeline, command: JoinGroups) -> None:
        """Enters groups before the owners of the connections do, so that the caller can read what it wrote."""
        for group in command.groups:
            if command.connections:
                self._index(pipeline, _group(command.hub, group), command.connections)

    def leave(self, pipeline: Pipeline, command: LeaveGroups, members: Iterable[Entry]) -> None:
        """Deletes groups before the owners of the connections do."""
        for member in members:
            for group in member.groups if command.groups is None else command.groups:
                pipeline.zrem(_group(command.hub, group), member.id)

    def set_roles(self, pipeline: Pipeline, command: SetRoles, entry: Entry) -> None:
        """Enters roles before the owner of the connection does."""
        changed = entry.model_copy(update={"roles": command.roles})
        pipeline.set(_entry(command.hub, entry.id), changed.model_dump_json(), px=self._ttl_ms)

    async def find(self, hub: str, connection_id: str) -> Entry | None:
        return next(iter(await self._entries(hub, [connection_id])), None)

    async def has_user(self, hub: str, user_id: str) -> bool:
        return bool(await self._live(_user(hub, user_id)))

    async def has_group(self, hub: str, group: str) -> bool:
        return bool(await self._live(_group(hub, group)))

    async def of_user(self, hub: str, user_id: str) -> list[Entry]:
        return await self._entries(hub, await self._live(_user(hub, user_id)))

    async def of_hub(self, hub: str) -> list[Entry]:
        return await self._entries(hub, await self._live(_hub(hub)))

    async def members(self, hub: str, group: str, *, after: str, limit: int) -> tuple[list[Entry], str | None]:
        """A page of a group ordered by id, from behind the id `after`; and its last id when more follow."""
        ids = [each for each in sorted(await self._live(_group(hub, group))) if each > after]
        return await self._entries(hub, ids[:limit]), ids[limit - 1] if len(ids) > limit else None

    def _enter(self, pipeline: Pipeline, connection: Connection) -> None:
        hub, groups = connection.hub, frozenset(connection.groups)
        entry = Entry(id=connection.id, user_id=connection.user_id, groups=groups, roles=connection.roles)
        pipeline.set(_entry(hub, connection.id), entry.model_dump_json(), px=self._ttl_ms)
        for index in _indexes(hub, connection.user_id, groups):
            self._index(pipeline, index, [connection.id])
        for group in connection.indexed - groups:
            pipeline.zrem(_group(hub, group), connection.id)
        connection.indexed = groups

    def _index(self, pipeline: Pipeline, index: str, ids: Collection[str]) -> None:
        now = time.time()
        pipeline.zremrangebyscore(index, "-inf", now)
        pipeline.zadd(index, dict.fromkeys(ids, now + self._ttl))
        pipeline.pexpire(index, self._ttl_ms)

    async def _live(self, index: str) -> list[str]:
        ids = cast("list[bytes]", await self._redis.zrangebyscore(index, time.time(), "+inf"))
        return [each.decode() for each in ids]

    async def _entries(self, hub: str, ids: Sequence[str]) -> list[Entry]:
        values = await self._redis.mget([_entry(hub, each) for each in ids]) if ids else []
        return [Entry.model_validate_json(value) for value in values if value is not None]


def _entry(hub: str, connection_id: str) -> str:
    return f"awps:{hub}:connection:{connection_id}"


def _hub(hub: str) -> str:
    return f"awps:{hub}:connections"


def _user(hub: str, user_id: str) -> str:
    return f"awps:{hub}:user:{user_id}"


def _group(hub: str, group: str) -> str:
    return f"awps:{hub}:group:{group}"


def _indexes(hub: str, user_id: str | None, groups: Iterable[str]) -> list[str]:
    users = [] if user_id is None else [_user(hub, user_id)]
    return [_hub(hub), *users, *(_group(hub, group) for group in groups)]
