"""What a process needs before it can serve: the import of `function_app`, in fresh processes, by turns with floors."""

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
