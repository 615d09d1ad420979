"""Whose alerts they are: a tenant with integrations, a long memory, and a receiver that is told of everything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp import web

from scripts.devstack.demo_tenant import bearer
from scripts.devstack.ports import HOST
from scripts.proof.chaos.traffic import REPLICAS, SENDERS
from scripts.proof.examples import PASSWORD

_DAY: Final = 86_400  # seconds
_TOPICS: Final = ["incident.created", "incident.updated", "hypothesis.generated"]


@dataclass(slots=True)
class Receiver:
    """Takes notifications and counts how often each one came, by its id."""

    url: str = ""
    received: dict[str, int] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.Response:
        told = request.headers["webhook-id"]
        self.received[told] = self.received.get(told, 0) + 1
        return web.Response(status=HTTPStatus.NO_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A tenant of a run; its integrations in the order of the senders."""

    tenant_id: str
    project_id: str
    integrations: tuple[str, ...]
    tokens: tuple[str, ...]
    receiver: Receiver


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Open a receiver of notifications."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    receiver.url = f"http://{HOST}:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def peopled(http: aiohttp.ClientSession, api: str, receiver: Receiver) -> World:
    """Register a tenant through the API and set it up: within a run nothing is quiet for long enough to be resolved."""

    async def call(method: str, path: str, body: Any, token: str = "") -> Any:
        async with http.request(method, f"{api}/{path}", json=body, headers=bearer(token) if token else {}) as answer:
            if not answer.ok:
                raise RuntimeError(f"{method} {path} answered {answer.status}: {await answer.text()}")
            return await answer.json(content_type=None)

    person = {"email": "chaos@example.com", "password": PASSWORD, "name": "Ann", "tenant_name": "Chaos"}
    account = await call("POST", "auth/register", person)
    token = account["access_token"]
    memory = {"quiet_period": _DAY, "reopen_window": _DAY}
    await call("PATCH", f"projects/{account['project_id']}/policies", memory, token)
    channel = {"name": "all", "config": {"kind": "webhook", "url": receiver.url}}
    await call("POST", "notification-channels", {**channel, "events": _TOPICS, "min_severity": "info"}, token)
    made = [
        await call("POST", "integrations", {"kind": "alertmanager", "name": f"cluster {number}"}, token)
        for number in range(SENDERS // REPLICAS)
    ]
    return World(
        tenant_id=account["tenant_id"],
        project_id=account["project_id"],
        integrations=tuple(one["id"] for one in made),
        tokens=tuple(one["token"] for one in made),
        receiver=receiver,
    )
