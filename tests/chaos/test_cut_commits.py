"""A connection that breaks at COMMIT, before it arrived or after it took effect, loses nothing and doubles nothing."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from scripts.proof.chaos.links import Snare
from shared.integrations import receiving
from shared.platform.settings import IngestMode, Settings
from tests.chaos.crashing import Life, life_of
from tests.chaos.linked import Count, linked_runtime
from tests.fixtures import StoppedClock, opened

STRIDE = 25  # of the commits of a life, every so many are cut; each of them in one of the cases
BY_HAND = pytest.param(IngestMode.QUEUE, marks=pytest.mark.pairs)


@pytest.mark.parametrize("mode", [IngestMode.DATABASE, BY_HAND])
@pytest.mark.parametrize("snare", Snare)
@pytest.mark.parametrize("first", range(1, STRIDE + 1))
async def test_an_alert_lives_through_cut_commits(
    settings: Settings,
    owner: psycopg.AsyncConnection,
    clock: StoppedClock,
    mode: IngestMode,
    snare: Snare,
    first: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receiving, "_RESEND_SECONDS", 0)  # a message's own time passes by no clock of ours
    async with linked_runtime(settings, clock) as (runtime, link), life_of(runtime, owner, clock, mode) as life:
        count = Count(link, snare)
        count.cut(range(first, 10_000, STRIDE))
        await life.live()
        assert count.commits > STRIDE
        count.cut(range(0))
        await life.check(tells_again=3)


@dataclass(frozen=True)
class Write:
    """What a person asks for, and how often it is to be found afterwards."""

    path: str
    body: dict[str, Any]
    table: str
    where: str = "true"


WRITES = {
    "create an incident": Write("incidents", {"title": "By hand"}, "incidents", "title = 'By hand'"),
    "comment": Write("incidents/{id}/comments", {"body": "Looking."}, "comments"),
    "acknowledge": Write(
        "incidents/{id}/transitions", {"to": "acknowledged"}, "event_log", "changes->'state'->>1 = 'acknowledged'"
    ),
    "make a service": Write("services", {"name": "by-hand"}, "services", "name = 'by-hand'"),
    "make an API key": Write("api-keys", {"name": "k", "role": "viewer"}, "api_keys"),
    "plan maintenance": Write(
        "maintenance-windows",
        {
            "title": "disks",
            "matchers": [{"label": "service", "operator": "=", "value": "shop"}],
            "starts_at": "2030-01-01T00:00:00Z",
            "ends_at": "2030-01-01T01:00:00Z",
        },
        "maintenance_windows",
    ),
}


@pytest.mark.parametrize("snare", Snare)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_what_a_person_asks_for_again_is_done_once(
    settings: Settings, owner: psycopg.AsyncConnection, clock: StoppedClock, write: Write, snare: Snare
) -> None:
    async with linked_runtime(settings, clock) as (runtime, link):
        number = 0
        while True:
            number += 1
            async with life_of(runtime, owner, clock) as life:
                if not await _is_cut(life, Count(link, snare), number, write):
                    break
        assert number > 1, "no COMMIT was cut"


async def _is_cut(life: Life, count: Count, number: int, write: Write) -> bool:
    """Ask with this COMMIT cut, and again until it is answered; says whether there was such a COMMIT."""
    incident = await opened(life.app, life.tenant)
    path, headers = write.path.format(id=incident["id"]), {"Idempotency-Key": uuid4().hex}
    count.cut(range(number, number + 1))
    for _ in range(3):
        answer = await life.app.call("POST", path, write.body, token=life.tenant.token, headers=headers)
        if answer.status != 503:
            break
    assert answer.status in {200, 201, 409}, answer.content
    found = await life.owner.execute(
        f"select count(*) from {write.table} where tenant_id = %s and {write.where}", (life.tenant.tenant_id,)
    )
    assert await found.fetchone() == (1,)
    return count.commits >= number
