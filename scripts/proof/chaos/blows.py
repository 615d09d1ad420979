"""What befalls the stack in a run, and when: a plan drawn from a seed."""

import re
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from scripts.devstack.state import REPOSITORY


class Part(StrEnum):
    """Something that can be struck: a process, and the ports that lead to it."""

    POSTGRES = "postgres"
    REDIS = "redis"
    AZURITE = "azurite"
    WEBPUBSUB = "webpubsub"
    MODEL = "model"
    HOST_A = "host-a"
    HOST_B = "host-b"


HOSTS: Final = (Part.HOST_A, Part.HOST_B)


class Kind(StrEnum):
    """What is done to a part. `CRASH` is kill -9 at a named point of the code."""

    CRASH = "crash"
    KILL = "kill -9"
    END = "end"
    STOP = "stop"
    CUT = "cut"
    SLOW = "slow"
    CUT_COMMIT_REQUEST = "cut request of COMMIT"
    CUT_COMMIT_REPLY = "cut reply of COMMIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """A blow, `at` seconds after the beginning, for `seconds`. `parts` are struck together; `point` is for crashes."""

    at: float
    kind: Kind
    parts: tuple[Part, ...]
    seconds: float
    point: str = ""

    def __str__(self) -> str:
        where = f"at {self.point} of " if self.point else ""
        return f"{self.kind} {where}{' and '.join(self.parts)}"


NEVER_REACHED: Final = ("audit.", "purge.")
"""Crash points that no alert's way passes while a run lasts: of what is done for days and months that are over."""

_LENGTHS: Final = {
    Kind.CRASH: (0.0, 0.0),
    Kind.KILL: (0.2, 2.0),
    Kind.END: (0.2, 2.0),
    Kind.STOP: (2.0, 4.0),
    Kind.CUT: (1.0, 3.0),
    Kind.SLOW: (2.0, 4.0),
    Kind.CUT_COMMIT_REQUEST: (0.0, 0.0),
    Kind.CUT_COMMIT_REPLY: (0.0, 0.0),
}
# Azurite answers before it has written: killed, it would lose what it has promised, as the real service never does.
_KILLABLE: Final = tuple(part for part in Part if part is not Part.AZURITE)
# With the database away, what arrives goes to the queue.
_ONLY_WHILE_AWAY: Final = {"ingest.after_spill": Part.POSTGRES}


def points() -> list[str]:
    """Return the names of the product's crash points."""
    return sorted(
        point
        for folder in ("shared", "functions")
        for file in (REPOSITORY / folder).rglob("*.py")
        for point in re.findall(r'\bfault\("([\w.]+)"\)', file.read_text())
    )


def plan(seed: int, blows: int, seconds: float) -> list[Blow]:
    """Return `blows` blows spread over `seconds`: each possible one before any comes twice, in an order of the seed."""
    random = Random(f"blows {seed}")  # noqa: S311 - made up, not secret
    deck: list[tuple[Kind, tuple[Part, ...], str]] = []
    while len(deck) < blows:
        deck += random.sample(possible := _possible(random), len(possible))
    found = []
    for place, (kind, parts, point) in enumerate(deck[:blows]):
        at = seconds * (place + 0.2 + 0.6 * random.random()) / blows
        found.append(Blow(at=at, kind=kind, parts=parts, seconds=random.uniform(*_LENGTHS[kind]), point=point))
    return found


def _possible(random: Random) -> list[tuple[Kind, tuple[Part, ...], str]]:
    crashes = [
        (Kind.CRASH, (random.choice(HOSTS), *([_ONLY_WHILE_AWAY[point]] if point in _ONLY_WHILE_AWAY else [])), point)
        for point in points()
        if not point.startswith(NEVER_REACHED)
    ]
    return [
        *crashes,
        *((Kind.KILL, (part,), "") for part in _KILLABLE),
        (Kind.KILL, HOSTS, ""),
        (Kind.END, (Part.AZURITE,), ""),
        (Kind.END, (random.choice(HOSTS),), ""),
        *((kind, (part,), "") for kind in (Kind.STOP, Kind.CUT, Kind.SLOW) for part in Part),
        (Kind.CUT, (Part.POSTGRES, Part.AZURITE), ""),
        (Kind.CUT_COMMIT_REQUEST, (Part.POSTGRES,), ""),
        (Kind.CUT_COMMIT_REPLY, (Part.POSTGRES,), ""),
    ]
