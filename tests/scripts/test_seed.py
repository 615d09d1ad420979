"""A seeded history is like a real one, and the same for the same seed."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from scripts.history import Plan, history
from scripts.seed import Place, find_place, seed
from tests.fixtures import App, DatabaseUrls, Tenant

ROOT = Path(__file__).parents[2]
PLAN = Plan(incidents=300, alerts=1_000, seed="a seed", until=datetime(2026, 11, 21, tzinfo=UTC), days=30)


def flat(plan: Plan) -> list[Any]:
    return list(history(plan, 1))


def test_one_seed_gives_one_history() -> None:
    assert flat(PLAN) == flat(PLAN)
    assert flat(PLAN) != flat(Plan(incidents=300, alerts=1_000, seed="another", until=PLAN.until, days=30))


def test_the_history_has_what_was_asked_for_in_order_of_time() -> None:
    found = flat(PLAN)
    assert [incident["number"] for incident, _ in found] == list(range(1, 301))
    assert sum(len(alerts) for _, alerts in found) == 1_000
    times = [incident["created_at"] for incident, _ in found]
    assert times == sorted(times)
    assert max(times) <= PLAN.until.isoformat()


async def test_it_is_listed_searched_and_shown_like_any(app: App, tenant: Tenant, database_urls: DatabaseUrls) -> None:
    place = find_place(database_urls.app, database_urls.system, tenant.email)
    assert place == Place(UUID(tenant.tenant_id), UUID(tenant.project_id))
    told: list[int] = []
    seed(database_urls.app, place, PLAN, told.append)
    listed = (await app.call("GET", "incidents?limit=200&q=checkout", token=tenant.token)).json["items"]
    assert listed
    path = f"incidents/{listed[0]['id']}"
    shown = (await app.call("GET", path, token=tenant.token)).json
    assert shown["alert_count"] == len((await app.call("GET", f"{path}/alerts", token=tenant.token)).json["items"])
    events = (await app.call("GET", f"{path}/timeline", token=tenant.token)).json["items"]
    assert events[0]["type"] == "incident.created"
    assert told == [300]


async def test_a_second_history_comes_after_the_first(app: App, tenant: Tenant, database_urls: DatabaseUrls) -> None:
    place = Place(UUID(tenant.tenant_id), UUID(tenant.project_id))
    for name in ("one", "two"):
        seed(database_urls.app, place, Plan(incidents=50, alerts=50, seed=name, until=datetime.now(UTC), days=1))
    newest = (await app.call("GET", "incidents?limit=1&number=100", token=tenant.token)).json["items"]
    assert [one["reference"] for one in newest] == ["INC-100"]


def test_it_says_what_it_takes_and_what_is_missing() -> None:
    program = [str(ROOT / "scripts" / "seed")]
    shown = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True, timeout=60)
    assert "--incidents N" in shown.stdout
    module = [sys.executable, "-m", "scripts.seed", "--state", os.devnull]
    few = [*module, "--alerts", "1"]
    refused = subprocess.run(few, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (refused.returncode, "--alerts no fewer" in refused.stderr) == (2, True)
