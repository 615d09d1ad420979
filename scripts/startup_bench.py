"""What a process needs before it can serve, and for what it serves first: in fresh processes, by turns with floors."""

import asyncio
import json
import subprocess
import sys
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from scripts.devstack.azurite import connection_string
from scripts.devstack.environment import Addresses, app_settings
from scripts.devstack.state import REPOSITORY
from scripts.load.notifications import Mode, render
from scripts.load.served import Served, served
from scripts.proof.scratch import UNHURRIED
from shared.platform.clock import SystemClock

LIMIT_SECONDS: Final = 0.6
APP: Final = "function_app"
# What the product stands on, and cannot start without.
_LIBRARIES: Final = "azure.functions, pydantic, sqlalchemy.ext.asyncio, sqlalchemy.orm, psycopg, jwt"
_STATEMENTS: Final[Mapping[str, str]] = {
    "Python alone": "pass",
    "its libraries": f"import {_LIBRARIES}",
    APP: f"import {APP}",
}
_MEASURE: Final = """
import resource, sys
{statement}
used = resource.getrusage(resource.RUSAGE_SELF)
# Not `ru_maxrss`, which a process inherits from the one that started it.
memory = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))
print(used.ru_utime + used.ru_stime, len(sys.modules), memory)
"""
_FIRST_CALL: Final = REPOSITORY / "scripts/load/first_call.py"
_KEY: Final = b64encode(bytes(range(32))).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """CPU seconds of a process until the import is done, the interpreter's own included; memory in MiB."""

    what: str
    times: int
    median: float
    lowest: float
    modules: int
    memory_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCall:
    """Medians of fresh processes that import the app and call one function twice. CPU and time in seconds."""

    what: str
    times: int
    import_cpu: float
    first_cpu: float
    first_seconds: float
    second_cpu: float
    second_seconds: float


def measure(*, times: int) -> list[Startup]:
    """Start processes in turns. Compiled files are made first, as a deployment brings them."""
    told: defaultdict[str, list[tuple[float, int, int]]] = defaultdict(list)
    for number in range(times + 1):
        for what, statement in _STATEMENTS.items():
            found = _start(statement)
            if number:
                told[what].append(found)
    return [_summed(what, told[what]) for what in _STATEMENTS]


def _start(statement: str) -> tuple[float, int, int]:
    command = [sys.executable, "-c", _MEASURE.format(statement=statement)]
    ended = subprocess.run(
        command, cwd=REPOSITORY, env=_settings(), capture_output=True, text=True, check=True, timeout=120
    )
    seconds, modules, memory = ended.stdout.split()
    return float(seconds), int(modules), int(memory)


async def first_calls(*, times: int) -> list[FirstCall]:
    """Read incidents and post an alert, each as the first call of processes of its own, by turns."""
    told: defaultdict[str, list[dict[str, list[float]]]] = defaultdict(list)
    async with served() as product:
        for number in range(times + 1):
            for what, asked in _asked(product, number).items():
                found = await asyncio.to_thread(_call_first, product, asked)
                if number:
                    told[what].append(found)
    return [_first_call(what, found) for what, found in told.items()]


def _asked(product: Served, number: int) -> Mapping[str, Mapping[str, str]]:
    api_key = product.headers["Authorization"].removeprefix("Bearer ")
    (alert,) = render(Mode.UNIQUE, alerts=1, tag=f"first-{number}", began=SystemClock().now())
    return {
        "GET incidents": {
            "function": "list_incidents", "method": "GET", "path": "incidents", "token": api_key, "body": "",
        },
        "POST webhooks/alertmanager": {
            "function": "receive_alertmanager", "method": "POST", "path": "webhooks/alertmanager",
            "token": product.target.token, "body": alert.decode(),
        },
    }  # fmt: skip


def _call_first(product: Served, asked: Mapping[str, str]) -> dict[str, list[float]]:
    settings = {**app_settings(product.addresses, port=1, secret=product.state.secret), **UNHURRIED}
    ended = subprocess.run(
        [sys.executable, _FIRST_CALL],
        cwd=REPOSITORY, env=settings, input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found: dict[str, list[float]] = json.loads(ended.stdout)
    return found


def _first_call(what: str, told: Sequence[dict[str, list[float]]]) -> FirstCall:
    def middle(figure: str, place: int) -> float:
        return round(median(one[figure][place] for one in told), 3)

    return FirstCall(
        what=what,
        times=len(told),
        import_cpu=middle("import_cpu", 0),
        first_cpu=middle("cpu", 0),
        first_seconds=middle("seconds", 0),
        second_cpu=middle("cpu", 1),
        second_seconds=middle("seconds", 1),
    )


def _summed(what: str, told: Sequence[tuple[float, int, int]]) -> Startup:
    seconds = [one[0] for one in told]
    return Startup(
        what=what,
        times=len(told),
        median=round(median(seconds), 3),
        lowest=round(min(seconds), 3),
        modules=told[0][1],
        memory_mib=round(median(one[2] for one in told) / 1024, 1),
    )


def _settings() -> Mapping[str, str]:
    """Return settings of a deployment whose services are nowhere: nothing connects at import."""
    nowhere = Addresses(
        owner_database="postgresql://nobody:nothing@127.0.0.1:1/nowhere",
        redis="redis://127.0.0.1:1",
        storage=connection_string(_KEY, blob=1, queue=1, table=1),
        webpubsub=f"Endpoint=http://127.0.0.1:1;AccessKey={_KEY};Version=1.0;",
    )
    return app_settings(nowhere, port=1, secret=lambda _: _KEY)


def misses(found: Sequence[Startup]) -> bool:
    """Whether the import takes too long."""
    return next(one for one in found if one.what == APP).median > LIMIT_SECONDS


def table(found: Sequence[Startup]) -> str:
    """Return the figures for people."""
    lines = [f"{'CPU s of a fresh process':<26}{'median':>9}{'lowest':>9}{'modules':>9}{'MiB':>8}"]
    lines += [
        f"{one.what:<26}{one.median:>9.3f}{one.lowest:>9.3f}{one.modules:>9}{one.memory_mib:>8.1f}" for one in found
    ]
    return "\n".join((*lines, f"at most {LIMIT_SECONDS} wanted for {APP}"))


def calls_table(found: Sequence[FirstCall]) -> str:
    """Return the figures of first calls for people."""
    lines = [f"{'median CPU s (time s)':<28}{'import':>8}{'first call':>18}{'second call':>18}"]
    lines += [
        f"{one.what:<28}{one.import_cpu:>8.3f}{one.first_cpu:>10.3f} ({one.first_seconds:.3f})"
        f"{one.second_cpu:>10.3f} ({one.second_seconds:.3f})"
        for one in found
    ]
    return "\n".join(lines)
