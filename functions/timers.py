"""Timers as data, and their one adapter."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import azure.functions as func

from shared.kernel.errors import Unavailable
from shared.platform.counting import timed
from shared.platform.runtime import Runtime
from shared.platform.telemetry import Kind, working

log = logging.getLogger(__name__)

type Tick = Callable[[Runtime], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A declared schedule: NCRONTAB, six fields, seconds first."""

    name: str
    schedule: str
    tick: Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerTrigger:
    """What Azure has to know of a timer. `load` returns all that its file declares."""

    name: str
    load: Callable[[], Timer]
    schedule: str


def schedule(ncrontab: str) -> Callable[[Tick], Timer]:
    """Declare a handler that runs on a schedule, one run at a time."""
    return lambda handler: Timer(name=handler.__name__, schedule=ncrontab, tick=handler)


def mount_timer(blueprint: func.Blueprint, trigger: TimerTrigger, runtime: Runtime) -> None:
    """Give Azure a plain `run(timer)`."""

    async def run(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the worker binds it by name
        with working(trigger.name, Kind.INTERNAL):
            try:
                with timed(runtime.metrics, trigger.name):
                    await trigger.load().tick(runtime)
            except Unavailable as error:
                log.warning("%s found nothing to work with; its next run will: %s", trigger.name, error.title)

    run.__name__ = trigger.name
    blueprint.timer_trigger(arg_name="timer", schedule=trigger.schedule, run_on_startup=False)(run)
