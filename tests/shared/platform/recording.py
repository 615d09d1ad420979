"""Recording facts for a project, and seeing where the relay takes them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import psycopg
from psycopg.rows import dict_row

from scripts.proof.mailbox import Mailbox
from shared.access.schemas import SignedInOut
from shared.kernel.events import Event
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.realtime import Channel, group_of
from shared.platform.runtime import Runtime


async def record(runtime: Runtime, account: SignedInOut, *types: type[Event], **fields: Any) -> None:
    """Record an event of each type in one transaction."""
    async with runtime.transaction(system_actor(TenantId(account.tenant_id)), trace=fields.pop("trace", "")) as tx:
        for each in types:
            tx.record(each(project_id=ProjectId(account.project_id), subject_id=uuid4(), **fields))


@dataclass(frozen=True)
class Log:
    """A tenant's event log, seen past the policies."""

    owner: psycopg.AsyncConnection
    tenant_id: UUID

    async def rows(self, *types: type[Event]) -> list[dict[str, Any]]:
        """Return the tenant's events in the order of recording: of some types, or all."""
        async with self.owner.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(
                "select *, due_at - now() as due_in from event_log"
                " where tenant_id = %s and (type = any(%s) or %s) order by position",
                (self.tenant_id, [each.type for each in types], not types),
            )
            return await cursor.fetchall()

    async def pass_time(self) -> None:
        """Make due what is not finished, as half a minute would."""
        await self.owner.execute(
            "update event_log set due_at = now() where tenant_id = %s and due_at is not null", (self.tenant_id,)
        )


async def forget_what_is_due(owner: psycopg.AsyncConnection) -> None:
    """Have no relay carry what other tests have left in the log."""
    await owner.execute("update event_log set due_at = null, awaiting = '{}' where due_at is not null")


async def addresses(mailbox: Mailbox, queue: str, tenant_id: UUID) -> list[list[UUID]]:
    """Take a queue's messages and return the tenant's: of each, the events it is about."""
    messages = [json.loads(text) for text in await mailbox.take(queue)]
    return [[UUID(one) for one in each["events"]] for each in messages if each["tenant"] == str(tenant_id)]


@dataclass(frozen=True)
class Listener:
    """A live client of one project."""

    runtime: Runtime
    groups: dict[str, Channel]
    socket: aiohttp.ClientWebSocketResponse

    async def heard(self) -> list[tuple[Channel, dict[str, Any]]]:
        """Return what has been published since the last call, to which channel."""
        await self.runtime.realtime.publish(next(iter(self.groups)), {"type": "that is all"})
        found = []
        while (frame := await self.socket.receive_json(timeout=10))["data"] != {"type": "that is all"}:
            found.append((self.groups[frame["group"]], frame["data"]))
        return found


@asynccontextmanager
async def listening(runtime: Runtime, account: SignedInOut) -> AsyncIterator[Listener]:
    """Connect as a browser does, to every channel of the project."""
    groups = {group_of(account.tenant_id, account.project_id, channel): channel for channel in Channel}
    access = await runtime.realtime.admit(account.email, list(groups))
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(access.url, protocols=["json.webpubsub.azure.v1"]) as socket,
    ):
        assert (await socket.receive_json(timeout=10))["event"] == "connected"
        yield Listener(runtime, groups, socket)
