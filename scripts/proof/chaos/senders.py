"""Senders that behave as AlertManager does: again on 5xx and silence, never on 4xx."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

import aiohttp

from scripts.devstack.demo_tenant import bearer
from scripts.proof.chaos.blows import HOSTS, Part
from scripts.proof.chaos.traffic import SENDERS, Notification

_ANSWERS_WITHIN: Final = 10.0  # seconds
_AT_ONCE: Final = 4  # groups that one sender tells of at a time
_FIRST_PAUSE: Final = 0.25  # seconds
_MAX_PAUSE: Final = 3.0
_GIVES_UP: Final = 180.0  # seconds of one notification's tries, far beyond any outage of a plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One post: to which host, when (seconds since the epoch), and the answer's status; None where there was none."""

    request_id: str
    host: Part
    began: float
    ended: float
    status: int | None


@dataclass(slots=True, kw_only=True)
class Told:
    """What came of a notification. `stored` is where its first accepted post went."""

    notification: Notification
    attempts: list[Attempt] = field(default_factory=list)
    stored: str | None = None

    @property
    def is_accepted(self) -> bool:
        return self.stored is not None


@dataclass(slots=True, kw_only=True)
class Senders:
    """Posts notifications at their times. `tokens` are the integrations', `apis` the hosts' addresses."""

    http: aiohttp.ClientSession
    apis: Mapping[Part, str]
    tokens: Sequence[str]
    beginning: datetime
    told: list[Told] = field(default_factory=list)
    _turns: Sequence[asyncio.Semaphore] = field(
        default_factory=lambda: [asyncio.Semaphore(_AT_ONCE) for _ in range(SENDERS)]
    )

    async def tell(self, notifications: Sequence[Notification]) -> None:
        """Post all of them, each until it is accepted or refused for good."""
        async with asyncio.TaskGroup() as group:
            for one in notifications:
                if (wait := self.beginning.timestamp() + one.at - time.time()) > 0:
                    await asyncio.sleep(wait)
                self.told.append(told := Told(notification=one))
                group.create_task(self._insist(told))

    @property
    def accepted(self) -> int:
        """How many alerts have been accepted."""
        return sum(len(one.notification.facts) for one in self.told if one.is_accepted)

    async def _insist(self, told: Told) -> None:
        one = told.notification
        until = time.monotonic() + _GIVES_UP
        async with self._turns[one.sender]:
            pause = _FIRST_PAUSE
            # Replicas post to different hosts first.
            place = one.sender
            while time.monotonic() < until and not told.is_accepted:
                await self._post(told, HOSTS[place % len(HOSTS)])
                status = told.attempts[-1].status
                if status is not None and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return
                if not told.is_accepted:
                    await asyncio.sleep(pause)
                    pause, place = min(2 * pause, _MAX_PAUSE), place + 1

    async def _post(self, told: Told, host: Part) -> None:
        one, request_id, status = told.notification, uuid4().hex, None
        headers = {**bearer(self.tokens[one.integration]), "X-Request-Id": request_id}
        began = time.time()
        with suppress(aiohttp.ClientError, TimeoutError):
            async with self.http.post(
                f"{self.apis[host]}/webhooks/alertmanager", json=one.body(self.beginning), headers=headers
            ) as answer:
                said: Any = await answer.json(content_type=None)
                status = answer.status
                if status == HTTPStatus.ACCEPTED:
                    told.stored = str(said["stored"])
        ended = time.time()
        told.attempts.append(Attempt(request_id=request_id, host=host, began=began, ended=ended, status=status))


def client() -> aiohttp.ClientSession:
    """Return an HTTP client as patient as AlertManager's."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWERS_WITHIN))
