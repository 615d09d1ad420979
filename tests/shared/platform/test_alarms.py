"""An alarm is told once in a while, until somebody has taken it, and never gets in the way."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.platform.alarms import FAILURES, FAILURES_WITHIN, MAX_KNOWN, REPEAT_AFTER, Alarm, Alarms, Danger
from tests.fixtures import StoppedClock

ALARM = Alarm(danger=Danger.WORK_GIVEN_UP, subject="alerts")
OTHER = Alarm(danger=Danger.WORK_GIVEN_UP, subject="changes")


class Operator:
    """Hears alarms, from the `deaf`-th try on."""

    def __init__(self, clock: StoppedClock, *, deaf: int = 0) -> None:
        self.heard: list[Alarm] = []
        self.has_heard = asyncio.Event()
        self.tries = 0
        self.deaf = deaf
        self.alarms = Alarms(clock)
        self.alarms.attach(self.hear)

    async def hear(self, alarm: Alarm) -> None:
        self.tries += 1
        if self.tries <= self.deaf:
            raise ConnectionError
        self.heard.append(alarm)
        self.has_heard.set()

    async def settled(self) -> list[Alarm]:
        """What has been heard, once nothing more is under way."""
        await self.alarms.close()
        return self.heard


async def test_an_alarm_that_sounds_again_is_told_once_until_a_while_has_passed(clock: StoppedClock) -> None:
    operator = Operator(clock)
    for _ in range(3):
        operator.alarms.sound(ALARM)
    operator.alarms.sound(OTHER)
    assert await operator.settled() == [ALARM, OTHER]
    clock.advance(seconds=REPEAT_AFTER.total_seconds())
    operator.alarms.sound(ALARM)
    assert await operator.settled() == [ALARM, OTHER, ALARM]


async def test_whoever_cannot_hear_is_told_again(clock: StoppedClock) -> None:
    operator = Operator(clock, deaf=1)
    operator.alarms.sound(ALARM)
    async with asyncio.timeout(30):
        await operator.has_heard.wait()
    assert await operator.settled() == [ALARM]


async def test_a_process_ends_although_nobody_ever_hears(clock: StoppedClock) -> None:
    operator = Operator(clock, deaf=1_000)
    operator.alarms.sound(ALARM)
    async with asyncio.timeout(30):
        assert await operator.settled() == []


async def test_without_anybody_to_tell_an_alarm_is_in_the_log_alone(
    clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    alarms = Alarms(clock)
    alarms.sound(ALARM)
    await alarms.close()
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [(logging.CRITICAL, ALARM.title)]


async def test_many_problems_of_the_past_keep_no_new_one_from_being_told(clock: StoppedClock) -> None:
    operator = Operator(clock)
    for number in range(MAX_KNOWN + 1):
        operator.alarms.sound(replace(ALARM, subject=f"tenant {number}"))
    assert len(await operator.settled()) == MAX_KNOWN
    clock.advance(seconds=REPEAT_AFTER.total_seconds())
    operator.alarms.sound(OTHER)
    assert (await operator.settled())[MAX_KNOWN:] == [OTHER]


async def test_what_fails_often_within_a_minute_is_an_alarm(clock: StoppedClock) -> None:
    operator = Operator(clock)
    for _ in range(FAILURES - 1):
        operator.alarms.count(ALARM)
    clock.at += FAILURES_WITHIN + timedelta(seconds=1)
    for _ in range(FAILURES - 1):
        operator.alarms.count(ALARM)
    operator.alarms.count(OTHER)
    assert await operator.settled() == []
    operator.alarms.count(ALARM)
    assert await operator.settled() == [ALARM]
