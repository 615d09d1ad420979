"""What signing in gives away, and what a flood of it costs everybody else."""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from statistics import median
from typing import Any, Final
from uuid import uuid4

import aiohttp

from scripts.devstack import environment as env
from scripts.devstack.ports import free_port
from scripts.devstack.stack import launch_functions_host
from scripts.proof.examples import PASSWORD
from scripts.proof.scratch import scratch_stack
from scripts.proof.timing import better_than_chance, p95

FLOOD_RATE: Final = 50  # calls a second
PHASE_SECONDS: Final = 6.0
PROBE_SECONDS: Final = 0.05
_WARM_UP: Final = 30  # calls
_UNLIMITED: Final = {"RATE_LIMIT_PER_MINUTE": "1000000", "TENANT_RATE_LIMIT_PER_MINUTE": "1000000"}
_PER_ACCOUNT: Final = 8  # tries a minute that an account surely has
_PAUSE: Final = 1.1  # seconds after which an address has another try

type Send = Callable[[], Awaitable[object]]


class Api:
    """The product over HTTP, and one person who is signed in."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self._http, self._url, self._token = http, url, token

    async def post(self, path: str, body: Any) -> Any:
        async with self._http.post(f"{self._url}/{path}", json=body) as answer:
            return await answer.json()

    async def log_in(self, email: str = "") -> Any:
        """Guess somebody's password."""
        return await self.post("auth/login", {"email": email or f"{uuid4().hex}@example.com", "password": "a guess"})

    async def probe(self) -> float:
        """Return how many seconds GET incidents takes."""
        began = time.perf_counter()
        headers = {"authorization": f"Bearer {self._token}"}
        async with self._http.get(f"{self._url}/incidents", headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
        return time.perf_counter() - began


@asynccontextmanager
async def served() -> AsyncIterator[Api]:
    """Serve the product in a process of its own, with the password cost that it is deployed with."""
    async with scratch_stack() as (addresses, state):
        port = free_port()
        settings = {**env.app_settings(addresses, port=port, secret=state.secret), **_UNLIMITED}
        host = launch_functions_host(state, settings, port=port)
        try:
            url = (await asyncio.to_thread(host.await_ready)).url
            async with aiohttp.ClientSession() as http:
                made = await Api(http, url, "").post("auth/register", person(f"{uuid4().hex}@example.com"))
                yield Api(http, url, made["access_token"])
        finally:
            host.stop()


def person(email: str) -> dict[str, str]:
    return {"email": email, "password": PASSWORD, "name": "Ann", "tenant_name": "Example"}


async def timing(api: Api, pairs: int) -> float:
    """Return how well an answer's time tells known people from unknown ones: the two by turns, in either order."""
    known: list[str] = []
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(pairs):
        if number % _PER_ACCOUNT == 0:
            known.append(f"{uuid4().hex}@example.com")
            await api.post("auth/register", person(known[-1]))
            await asyncio.sleep(_PAUSE)
        for which in (0, 1) if number % 2 else (1, 0):
            email = known[-1] if which == 0 else f"{uuid4().hex}@example.com"
            began = time.perf_counter()
            answer = await api.log_in(email)
            times[which].append(time.perf_counter() - began)
            if answer["type"] != "/problems/wrong-credentials":
                raise RuntimeError(f"not an answer to compare: {answer['title']}")
            await asyncio.sleep(_PAUSE)
    print(f"known {median(times[0]) * 1_000:.1f} ms, unknown {median(times[1]) * 1_000:.1f} ms (medians)")
    return better_than_chance(*times)


async def phase(api: Api, send: Send | None) -> list[float]:
    """Return how many seconds each GET incidents took during a flood of `send`."""
    flood = asyncio.create_task(_flood(send)) if send else None
    times: list[float] = []
    ends = time.monotonic() + PHASE_SECONDS
    while time.monotonic() < ends:
        times.append(await api.probe())
        await asyncio.sleep(PROBE_SECONDS)
    if flood is not None:
        flood.cancel()
        await asyncio.gather(flood, return_exceptions=True)
    return times


async def _flood(send: Send) -> None:
    async with asyncio.TaskGroup() as calls:
        while True:
            calls.create_task(_sent(send))
            await asyncio.sleep(1 / FLOOD_RATE)


async def _sent(send: Send) -> None:
    await send()


async def measure(*, rounds: int, pairs: int) -> None:
    """Print both measurements. A round has all phases, so that other load on the machine meets each alike."""
    async with served() as api:
        for _ in range(_WARM_UP):
            await api.probe()
        cheap: Send = lambda: api.post("auth/login", {})  # noqa: E731 - a name for each kind of flood
        kinds: dict[str, Send | None] = {"quiet": None, "cheap calls": cheap, "logins": api.log_in}
        found: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(rounds):
            for name, send in kinds.items():
                found[name] += await phase(api, send)
        for name, times in found.items():
            print(f"GET incidents, {name}: median {median(times) * 1_000:.1f} ms, p95 {p95(times) * 1_000:.1f} ms")
        for name in ("quiet", "cheap calls"):
            middle, tail = (figure(found["logins"]) / figure(found[name]) for figure in (median, p95))
            print(f"logins against {name}: median {middle:.2f} times, p95 {tail:.2f} times")
        await asyncio.sleep(20 * _PAUSE)
        print(f"known against unknown: {await timing(api, pairs):.3f} over {pairs} pairs (0.5 is chance)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="logins", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds of the flood")
    parser.add_argument("--pairs", type=int, default=150, metavar="N", help="logins of a known and an unknown person")
    arguments = parser.parse_args()
    asyncio.run(measure(rounds=arguments.rounds, pairs=arguments.pairs))
