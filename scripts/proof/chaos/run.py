"""One run: traffic and blows, until all is at rest; then the verdict."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from scripts.proof.chaos import recovery
from scripts.proof.chaos.blows import Blow, plan
from scripts.proof.chaos.recovery import Struck
from scripts.proof.chaos.report import Report, Wanted
from scripts.proof.chaos.rest import until_rest
from scripts.proof.chaos.senders import Senders, client
from scripts.proof.chaos.stage import MODEL_DEADLINE, Stage, staged
from scripts.proof.chaos.stored import Stored, look
from scripts.proof.chaos.traffic import traffic
from scripts.proof.chaos.verdict import Findings, judge
from scripts.proof.chaos.world import World, peopled, receiving

_HURRIED_REST: Final = 400.0  # seconds
_REST: Final = 1_200.0
_AUDITED_WITHIN: Final = 15.0  # seconds
WORKER_LIMIT: Final = 60.0  # seconds, p99
DATABASE_LIMIT: Final = 30.0

type Tell = Callable[[str], None]


async def run(wanted: Wanted, tell: Tell) -> Report:
    """Start a stack, strike it under traffic, wait for rest, and judge. From the main thread."""
    began = time.monotonic()
    async with staged(hurries=wanted.hurries) as stage, receiving() as receiver, client() as http:
        world = await peopled(http, next(iter(stage.apis.values())), receiver)
        tell(f"the stack is up after {time.monotonic() - began:.1f} s; traffic for {wanted.seconds:.0f} s")
        senders = Senders(http=http, apis=stage.apis, tokens=world.tokens, beginning=datetime.now(UTC))
        struck = await _strike(stage, senders, wanted, tell)
        findings = Findings()
        async with await psycopg.AsyncConnection.connect(stage.owner, autocommit=True) as owner:
            patience = _HURRIED_REST if wanted.hurries else _REST
            left = await until_rest(owner, stage.storage, seconds=patience, told=_now_and_then(tell))
            stored = await _audited(owner, stage, world, senders)
        if left:
            findings.other.append(f"it never came to rest: {left}")
        tell(f"at rest after {time.monotonic() - began:.1f} s")
        return _report(wanted, stage, world, senders, struck, stored, findings, time.monotonic() - began)


async def _strike(stage: Stage, senders: Senders, wanted: Wanted, tell: Tell) -> list[Struck]:
    """Send all traffic, and strike all blows meanwhile."""
    struck: list[Struck] = []
    since = time.monotonic()

    def say(what: str) -> None:
        tell(f"{time.monotonic() - since:6.1f} s  accepted {senders.accepted:>6} of {wanted.alerts}  {what}")

    async def strike(blows: Sequence[Blow]) -> None:
        for blow in blows:
            await asyncio.sleep(max(0.0, blow.at - (time.monotonic() - since)))
            say(str(blow))
            began = time.time()
            has_struck = await stage.strike(blow)
            struck.append(Struck(blow=blow, began=began, ended=time.time(), has_struck=has_struck))
            if not has_struck:
                say("nobody came by")

    async with asyncio.TaskGroup() as group:
        group.create_task(strike(plan(wanted.seed, wanted.blows, wanted.seconds)))
        await senders.tell(traffic(wanted.seed, wanted.alerts, wanted.seconds))
    say("all is told")
    return struck


async def _audited(owner: psycopg.AsyncConnection[Any], stage: Stage, world: World, senders: Senders) -> Stored:
    """Read what is stored, once the audit has been written, which waits for nobody."""
    ends = time.monotonic() + _AUDITED_WITHIN
    while True:
        stored = await look(owner, stage.storage, world.tenant_id)
        answered = {one.request_id for told in senders.told for one in told.attempts if one.status is not None}
        if answered <= stored.audited or time.monotonic() > ends:
            return stored
        await asyncio.sleep(1)


def _report(
    wanted: Wanted,
    stage: Stage,
    world: World,
    senders: Senders,
    struck: Sequence[Struck],
    stored: Stored,
    findings: Findings,
    seconds: float,
) -> Report:
    told, beginning = senders.told, senders.beginning
    judge(findings, told, beginning, world, stored, stage.published)
    taken, unaudited = recovery.unaudited(told, stored, struck)
    extra, unexplained = recovery.extra_calls(stored, struck, MODEL_DEADLINE)
    findings.other += [*unaudited, *unexplained]
    to_incident = recovery.to_incident(told, beginning, world, stored, struck)
    back = recovery.database_back(told, struck)
    if to_incident.p99 > WORKER_LIMIT:
        findings.other.append(f"incidents came {to_incident.p99} s after their worker was killed")
    if back.longest > DATABASE_LIMIT:
        findings.other.append(f"PostgreSQL was used {back.longest} s after it was back")
    return Report(
        wanted=wanted,
        posts=sum(len(one.attempts) for one in told),
        accepted=senders.accepted,
        queued=sum(len(one.notification.facts) for one in told if one.stored == "queue"),
        incidents=len(stored.incidents),
        events=len(stored.events),
        blows=[f"{one.blow}{'' if one.has_struck else ', which nobody came by'}" for one in struck],
        findings=findings,
        to_incident=to_incident,
        to_finish=recovery.to_finish(stored),
        database_back=back,
        from_queue=recovery.from_queue(told, beginning, world, stored),
        model_calls=len(stored.model_calls),
        extra_model_calls=extra,
        unaudited_by_death=taken,
        unsettled_model_calls=sum(row["settled_at"] is None for row in stored.model_calls),
        dead_letters=len(stored.letters),
        seconds=round(seconds, 1),
    )


def _now_and_then(tell: Tell, every: float = 5.0) -> Callable[[Any], None]:
    """Return what tells of what is left, at most every so many seconds."""
    last = 0.0

    def told(left: Any) -> None:
        nonlocal last
        if time.monotonic() - last > every:
            last = time.monotonic()
            tell(f"still to be done: {left}")

    return told
