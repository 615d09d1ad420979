"""Posts bodies over kept connections, each of which sends its next one as soon as it has its answer."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import urlsplit

_TIMEOUT: Final = 60.0  # seconds for one answer
_QUEUED: Final = b'"stored":"queue"'


@dataclass(frozen=True, slots=True)
class Target:
    """An address to post to over plain HTTP, and the bearer token that it takes."""

    url: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What became of a run. `latencies` are of accepted posts alone, in seconds; so is `seconds`, the whole time.

    `began` is by the monotonic clock. `failures` counts every other answer by its status, and every post without one by
    the name of its error. `queued` are accepted posts of which the receiver says that it has put them on a queue.
    """

    began: float
    seconds: float
    latencies: Sequence[float]
    failures: Mapping[str, int]
    queued: int
    generator_cpu: float


async def post_all(target: Target, bodies: Sequence[bytes], *, connections: int, rate: float = 0) -> Posted:
    """Post every body once. HTTP by hand: a whole client would take from the machine what the receiver is to get.

    With a `rate`, so many a second are due, and each latency counts from when its post was due: what waits for others'
    answers counts as waiting too.
    """
    tally = _Tally()
    written = [_request(target, body) for body in bodies]
    began, cpu = time.perf_counter(), time.process_time()
    requests = iter([(began + number / rate if rate else 0.0, request) for number, request in enumerate(written)])
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_post_in_turn(target, requests, tally))
    return Posted(
        began=began,
        seconds=time.perf_counter() - began,
        latencies=tally.latencies,
        failures=tally.failures,
        queued=tally.queued,
        generator_cpu=time.process_time() - cpu,
    )


@dataclass(slots=True)
class _Tally:
    latencies: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    queued: int = 0


class _Answer(NamedTuple):
    status: str
    body: bytes
    is_kept: bool


async def _post_in_turn(target: Target, requests: Iterator[tuple[float, bytes]], tally: _Tally) -> None:
    where = urlsplit(target.url)
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    for due, request in requests:
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        began = due or time.perf_counter()
        try:
            async with asyncio.timeout(_TIMEOUT):
                connection = connection or await asyncio.open_connection(where.hostname, where.port or 80)
                connection[1].write(request)
                answer = await _answer(connection[0])
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            answer = _Answer(type(error).__name__, b"", is_kept=False)
        if answer.status.startswith("2"):
            tally.latencies.append(time.perf_counter() - began)
            tally.queued += _QUEUED in answer.body
        else:
            tally.failures[answer.status] += 1
        if connection and not answer.is_kept:
            connection[1].close()
            connection = None
    if connection:
        connection[1].close()


def _request(target: Target, body: bytes) -> bytes:
    where = urlsplit(target.url)
    path = (where.path or "/") + (f"?{where.query}" if where.query else "")
    head = (
        f"POST {path} HTTP/1.1",
        f"Host: {where.netloc}",
        "User-Agent: Alertmanager/0.25.0",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        *([f"Authorization: Bearer {target.token}"] if target.token else []),
    )
    return "".join(f"{line}\r\n" for line in head).encode() + b"\r\n" + body


async def _answer(reader: asyncio.StreamReader) -> _Answer:
    """Read an answer. One without a length ends its connection, so that this cannot be used again."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = headers.get("content-length")
    return _Answer(
        status=str(HTTPStatus(int(lines[0].split()[1])).value),
        body=b"" if length is None else await reader.readexactly(int(length)),
        is_kept=length is not None and headers.get("connection", "").lower() != "close",
    )
