import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from scripts.devstack.functions_host.schedule import Schedule
from scripts.devstack.functions_host.timers import Status, StatusFile, checked, utc_now
from tests.scripts.devstack.functions_host.conftest import Serve

YEARLY = "0 0 0 1 1 *"
EVERY_SECOND = "* * * * * *"

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, Status(None, NOON + timedelta(minutes=1), NOON)),
        (
            Status(NEW_YEAR, NEW_YEAR + timedelta(minutes=1), NEW_YEAR),
            Status(NEW_YEAR, NEW_YEAR + timedelta(minutes=1), NEW_YEAR),
        ),
        (
            Status(NEW_YEAR, NEW_YEAR + timedelta(hours=1), NEW_YEAR),
            Status(NEW_YEAR, NOON + timedelta(minutes=1), NOON),
        ),
    ],
    ids=["never ran", "same schedule, so past due", "another schedule, so not past due"],
)
def test_the_status_of_another_schedule_is_worked_out_anew(status: Status | None, expected: Status) -> None:
    assert checked(status, Schedule("0 * * * * *", UTC), NOON) == expected


def test_a_status_survives_its_file(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "timers" / "sweep.json")
    assert file.read() is None
    status = Status(NEW_YEAR, NOON, NEW_YEAR)
    file.write(status)
    assert file.read() == status


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"Last": 1, "Next": "soon", "LastUpdated": null}'])
def test_a_status_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sweep.json"
    path.write_text(text)
    assert StatusFile(path).read() is None


@pytest.fixture
def runs() -> asyncio.Queue[dict[str, Any]]:
    """What the timer `sweep` was run with."""
    return asyncio.Queue()


def _add_sweep(app: func.FunctionApp, runs: asyncio.Queue[dict[str, Any]], schedule: str, **timer: Any) -> None:
    @app.timer_trigger(arg_name="timer", schedule=schedule, **timer)
    async def sweep(timer: func.TimerRequest) -> None:
        runs.put_nowait(timer.to_dict())  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


def _status(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "timers" / "sweep.json").read_text())
    return found


async def test_a_timer_runs_on_its_schedule(
    serve: Serve, app: func.FunctionApp, runs: asyncio.Queue[dict[str, Any]]
) -> None:
    _add_sweep(app, runs, "%Schedule%")
    await serve(app, settings={"Schedule": EVERY_SECOND})
    run = await asyncio.wait_for(runs.get(), 3)
    assert utc_now().microsecond < 500_000
    assert run == {"past_due": False, "schedule_status": {}, "schedule": {"AdjustForDST": True}}


async def test_a_timer_can_run_on_startup(
    serve: Serve, app: func.FunctionApp, runs: asyncio.Queue[dict[str, Any]], tmp_path: Path
) -> None:
    _add_sweep(app, runs, YEARLY, run_on_startup=True)
    served = await serve(app)
    run = await asyncio.wait_for(runs.get(), 3)
    assert run["past_due"] is False
    await served.host.stop()
    assert _status(tmp_path)["Last"] is not None


async def test_a_new_timer_waits_for_its_first_occurrence_and_remembers_it(
    serve: Serve, app: func.FunctionApp, runs: asyncio.Queue[dict[str, Any]], tmp_path: Path
) -> None:
    _add_sweep(app, runs, YEARLY)
    served = await serve(app)
    await served.client.get("/admin/host/ping")
    await served.host.stop()
    assert runs.empty()
    status = _status(tmp_path)
    assert (status["Last"], status["Next"]) == (None, f"{utc_now().year + 1}-01-01T00:00:00+00:00")


async def test_a_missed_occurrence_runs_once_at_the_start(
    serve: Serve, app: func.FunctionApp, runs: asyncio.Queue[dict[str, Any]], tmp_path: Path
) -> None:
    then = datetime(2020, 1, 1, tzinfo=UTC)
    missed = Status(last=then, next=then.replace(year=2021), last_updated=then)
    StatusFile(tmp_path / "timers" / "sweep.json").write(missed)
    _add_sweep(app, runs, YEARLY, run_on_startup=True)
    served = await serve(app)
    run = await asyncio.wait_for(runs.get(), 3)
    assert run["past_due"] is True
    assert run["schedule_status"]["Next"] == "2021-01-01T00:00:00+00:00"
    await served.host.stop()
    assert runs.empty()
    assert _status(tmp_path)["Next"].startswith(str(utc_now().year + 1))


@pytest.mark.parametrize("timer", [{"schedule": EVERY_SECOND}, {"schedule": YEARLY, "use_monitor": False}])
async def test_a_timer_that_is_not_monitored_remembers_nothing(
    serve: Serve, app: func.FunctionApp, runs: asyncio.Queue[dict[str, Any]], tmp_path: Path, timer: dict[str, Any]
) -> None:
    _add_sweep(app, runs, run_on_startup=True, **timer)
    served = await serve(app)
    await asyncio.wait_for(runs.get(), 3)
    await served.host.stop()
    assert not (tmp_path / "timers").exists()


async def test_a_long_run_skips_occurrences_and_never_overlaps_itself(serve: Serve, app: func.FunctionApp) -> None:
    spans: list[tuple[datetime, datetime]] = []
    twice = asyncio.Event()

    @app.timer_trigger(arg_name="timer", schedule=EVERY_SECOND)
    async def sweep(timer: func.TimerRequest) -> None:
        began = utc_now()
        await asyncio.sleep(1.2)
        spans.append((began, utc_now()))
        if len(spans) == 2:
            twice.set()

    await serve(app)
    await asyncio.wait_for(twice.wait(), 8)
    first, second = spans
    assert second[0] >= first[1]
    assert second[0] - first[0] >= timedelta(seconds=1.5)


async def test_a_failed_run_keeps_the_schedule(serve: Serve, app: func.FunctionApp) -> None:
    attempts: asyncio.Queue[None] = asyncio.Queue()

    @app.timer_trigger(arg_name="timer", schedule=EVERY_SECOND)
    async def sweep(timer: func.TimerRequest) -> None:
        attempts.put_nowait(None)
        raise RuntimeError

    await serve(app)
    for _ in range(2):
        await asyncio.wait_for(attempts.get(), 3)


@pytest.mark.parametrize(
    ("schedule", "settings", "error"),
    [
        ("%Schedule%", {}, "'%Schedule%' does not resolve to a value."),
        ("* * * * *", {}, "The schedule '* * * * *' has 5 fields, not 6."),
        (YEARLY, {"WEBSITE_TIME_ZONE": "Mars/Olympus"}, "WEBSITE_TIME_ZONE 'Mars/Olympus' is not a time zone."),
    ],
)
async def test_a_timer_without_a_usable_schedule_is_reported(
    serve: Serve,
    app: func.FunctionApp,
    runs: asyncio.Queue[dict[str, Any]],
    schedule: str,
    settings: dict[str, str],
    error: str,
) -> None:
    _add_sweep(app, runs, schedule)
    served = await serve(app, settings=settings)
    assert served.host.errors == {"sweep": error}


async def test_a_disabled_timer_does_not_run(
    serve: Serve, app: func.FunctionApp, runs: asyncio.Queue[dict[str, Any]]
) -> None:
    _add_sweep(app, runs, YEARLY, run_on_startup=True)
    served = await serve(app, settings={"AzureWebJobs.sweep.Disabled": "true"})
    await served.client.get("/admin/host/ping")
    await served.host.stop()
    assert runs.empty()
