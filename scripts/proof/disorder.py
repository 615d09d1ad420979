"""Whether it matters in what order messages arrive: made-up histories, lived through in order and in disorder."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import unified_diff
from pprint import pformat
from typing import Any, Final
from uuid import uuid4

import hypothesis
import psycopg
from hypothesis import HealthCheck, Phase
from pydantic import SecretStr

from functions.subscriptions import ROUTES
from scripts.proof.clock import SetClock
from scripts.proof.examples import PASSWORD
from scripts.proof.functions import Functions, QuietRelay
from scripts.proof.histories import CASES, Case
from scripts.proof.lives import Disagreement, HeldQueues, Stage, live
from shared.access.commands import register
from shared.access.schemas import RegisterIn
from shared.incidents.lifecycle import State
from shared.platform.queues import Queue
from shared.platform.relay import Routes
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode, Settings

_WIDTH: Final = 150
# Only what moves incidents: analyses and notifications change nothing of what is compared.
_ROUTES: Final = Routes(
    queues={event: (Queue.TRANSITIONS,) for event, queues in ROUTES.queues.items() if Queue.TRANSITIONS in queues},
    live={},
    one_each=frozenset(),
)


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest case that was found in which disorder makes a difference, and which."""

    case: Case
    difference: str


def search(
    settings: Settings, *, examples: int, seed: int, told: Callable[[int], None] = lambda _: None
) -> Counterexample | None:
    """Try this many cases, drawn from `seed`, and return what goes wrong, if anything does.

    `told` hears after each case how many there have been.
    """
    found: list[Counterexample] = []
    tried = 0
    with asyncio.Runner() as runner, ExitStack() as ending:
        staged = _staged(settings)
        stage = runner.run(staged.__aenter__())
        ending.callback(lambda: runner.run(staged.__aexit__(None, None, None)))

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(CASES)
        def trial(case: Case) -> None:
            nonlocal tried
            try:
                runner.run(compare(stage, case))
            except Exception as error:
                found.append(Counterexample(case, f"{type(error).__name__}: {error}"))
                stage.queues.messages.clear()
                raise
            finally:
                tried += 1
                told(tried)

        try:
            trial()
        except Exception:
            if not found:
                raise
    return found[-1] if found else None


async def compare(stage: Stage, case: Case) -> None:
    """Live through a history in order, and in disorder. Raises `Disagreement`."""
    in_order = await live(stage, case.history, None)
    in_disorder = await live(stage, case.history, case.disorder)
    for number, (one, other) in enumerate(zip(in_order, in_disorder, strict=True), 1):
        expected, found = (one, other) if case.disorder.machine_waits else (_from_afar(one), _from_afar(other))
        if expected != found:
            one_way, other_way = (pformat(one, width=_WIDTH).splitlines() for one in (expected, found))
            difference = "\n".join(unified_diff(one_way, other_way, "in order", "in disorder", lineterm="", n=12))
            raise Disagreement(f"moment {number}\n{difference}")


def _from_afar(moment: Mapping[str, Any]) -> dict[str, Any]:
    """Return a moment as if incidents that were reopened had never been thought to be over."""
    incidents = [
        one | {"state": State.DETECTED} if one["state"] == State.INVESTIGATING else one
        for one in moment.get("incidents", ())
    ]
    return {**moment, "incidents": incidents}


@asynccontextmanager
async def _staged(settings: Settings) -> AsyncIterator[Stage]:
    clock = SetClock(datetime.now(UTC))
    queues = HeldQueues(settings)
    built = Runtime.start(settings, _ROUTES, clock=clock)
    relay = QuietRelay(built.database, queues, built.realtime, built.responses, _ROUTES)
    storing = replace(built, queues=queues, relay=relay)
    spilling = replace(storing, settings=settings.model_copy(update={"ingest_mode": IngestMode.QUEUE}))
    given = RegisterIn(
        email=f"{uuid4().hex}@example.com", password=SecretStr(PASSWORD), name="Ann", tenant_name="Example"
    )
    try:
        account = (await register(storing, given)).body
        async with await psycopg.AsyncConnection.connect(
            settings.database_url.get_secret_value(),
            autocommit=True,
            options=f"-c app.tenant_id={account.tenant_id}",
        ) as watch:
            yield Stage(
                functions=Functions(storing),
                spilling=Functions(spilling),
                queues=queues,
                clock=clock,
                account=account,
                watch=watch,
            )
    finally:
        await built.close()
