"""How soon browsers see alerts: from the moment that a notification is due at the webhook to its event on a socket."""

import asyncio
import json
import resource
import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final
from uuid import uuid4

import aiohttp

from scripts.load.notifications import Mode, render
from scripts.load.poster import post_all
from scripts.load.served import Served, served

LIMITS_MS: Final[Mapping[str, float]] = {"p50": 150, "p95": 400}
"""What is wanted of one browser at 20 alerts a second."""
RATE: Final = 20

_PROTOCOL: Final = "json.webpubsub.azure.v1"
_CONNECTIONS: Final = 16  # of the sender
_AT_ONCE: Final = 50  # sockets that are opened at the same time
_PATIENCE_SECONDS: Final = 60
_SPARE_FILES: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Milliseconds from when an alert was due to be posted until a socket had it, over all alerts and all sockets.

    `missed` are events that a socket has never had, `doubled` those that it had again.
    """

    sockets: int
    alerts: int
    p50: float
    p95: float
    p99: float
    longest: float
    missed: int
    doubled: int


@dataclass(slots=True)
class _Browser:
    """One socket: when it had which alert, by the label that names its instance."""

    socket: aiohttp.ClientWebSocketResponse
    had: dict[str, float] = field(default_factory=dict)
    doubled: int = 0

    async def listen(self, wanted: AbstractSet[str]) -> None:
        """Take what comes until all that is `wanted` was there."""
        async for frame in self.socket:
            at = time.perf_counter()
            message = json.loads(frame.data)
            if message.get("type") == "message":
                self._take(message["data"], at)
            if len(self.had) >= len(wanted) and wanted <= self.had.keys():
                return

    def _take(self, told: Mapping[str, Any], at: float) -> None:
        for event in told["events"] if told["type"] == "batch" else (told,):
            if event["type"] == "alert.fired":
                fingerprint = event["data"]["fingerprint"]
                self.doubled += fingerprint in self.had
                self.had.setdefault(fingerprint, at)


async def run(sockets: Sequence[int], *, seconds: float) -> list[Seen]:
    """Measure each number of sockets, on a stack of its own, at 20 alerts a second."""
    _allow_files(max(sockets))
    async with served() as product:
        return [await _watch(product, count, seconds) for count in sockets]


async def _watch(product: Served, count: int, seconds: float) -> Seen:
    bodies = render(Mode.UNIQUE, alerts=round(RATE * seconds), tag=uuid4().hex[:10], began=datetime.now(UTC))
    fingerprints = [json.loads(body)["alerts"][0]["fingerprint"] for body in bodies]
    async with AsyncExitStack() as open_ones, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        browsers = await _connect(http, open_ones, product, count)
        listening = [asyncio.create_task(one.listen(set(fingerprints))) for one in browsers]
        posted = await post_all(product.target, bodies, connections=_CONNECTIONS, rate=RATE)
        if posted.failures:
            raise RuntimeError(f"posts were not accepted: {dict(posted.failures)}")
        _, late = await asyncio.wait(listening, timeout=_PATIENCE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    due = {fingerprint: posted.began + number / RATE for number, fingerprint in enumerate(fingerprints)}
    return _summed(browsers, due)


def _summed(browsers: Sequence[_Browser], due: Mapping[str, float]) -> Seen:
    took = sorted(chain.from_iterable([one.had[key] - due[key] for key in due if key in one.had] for one in browsers))
    at = [round(took[min(int(len(took) * share), len(took) - 1)] * 1_000, 1) for share in (0.5, 0.95, 0.99, 1)]
    return Seen(
        sockets=len(browsers),
        alerts=len(due),
        p50=at[0],
        p95=at[1],
        p99=at[2],
        longest=at[3],
        missed=len(browsers) * len(due) - len(took),
        doubled=sum(one.doubled for one in browsers),
    )


async def _connect(
    http: aiohttp.ClientSession, open_ones: AsyncExitStack, product: Served, count: int
) -> list[_Browser]:
    """Open sockets as the app does: negotiate, connect, and wait until the service says that one is connected."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def connect() -> _Browser:
        async with turns:
            async with http.post(f"{product.url}/realtime/negotiate", json={}, headers=product.headers) as answer:
                answer.raise_for_status()
                place = (await answer.json())["url"]
            socket = await http.ws_connect(place, protocols=(_PROTOCOL,))
            open_ones.push_async_callback(socket.close)
            await socket.receive(timeout=_PATIENCE_SECONDS)
            return _Browser(socket)

    return list(await asyncio.gather(*(connect() for _ in range(count))))


def _allow_files(sockets: int) -> None:
    """Let this process, and what it starts, hold that many sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = sockets + _SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def misses(found: Sequence[Seen]) -> bool:
    """Whether one browser waits too long, or any has missed something."""
    late = any(getattr(one, name) > limit for one in found if one.sockets == 1 for name, limit in LIMITS_MS.items())
    return late or any(one.missed for one in found)


def table(found: Sequence[Seen]) -> str:
    """Return the figures for people."""
    titles = ("sockets", "alerts", "p50 ms", "p95 ms", "p99 ms", "most ms", "missed", "doubled")
    lines = ["".join(f"{title:>10}" for title in titles)]
    for one in found:
        times = f"{one.p50:>10.1f}{one.p95:>10.1f}{one.p99:>10.1f}{one.longest:>10.1f}"
        lines.append(f"{one.sockets:>10}{one.alerts:>10}{times}{one.missed:>10}{one.doubled:>10}")
    wanted = ", ".join(f"{name} of {limit} ms" for name, limit in LIMITS_MS.items())
    return "\n".join((*lines, f"at {RATE} alerts a second; at most {wanted} wanted of one socket"))
