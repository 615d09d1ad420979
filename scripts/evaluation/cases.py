"""Cases and truths as files: what the product may see of an incident, and apart from it what the cause was."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Closed(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Service(_Closed):
    name: str
    depends_on: tuple[str, ...] = ()


class Webhook(_Closed):
    """A body as a sender posted it. `kind` is the integration's: alertmanager, grafana or prometheus."""

    kind: str
    body: Any


class Change(_Closed):
    id: str
    at: datetime
    kind: str
    component: str
    title: str
    detail: str = ""


class Series(_Closed):
    unit: str = ""
    points: tuple[tuple[datetime, float | None], ...]


class Evidence(_Closed):
    kind: str
    component: str = ""
    at: datetime
    title: str = ""
    text: str = ""
    series: Series | None = None


class Case(_Closed):
    """What the product may see, as of `at`."""

    id: str
    at: datetime
    services: tuple[Service, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    changes: tuple[Change, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Truth(_Closed):
    """What the cause was: globs of components and cause codes, any of which is a hit. An empty field is not scored."""

    id: str
    healthy: bool = False
    components: tuple[str, ...] = ()
    cause_codes: tuple[str, ...] = ()
    change_id: str | None = None
    no_change: bool = False
    ruled_out: tuple[str, ...] = ()


class Ranked(_Closed):
    """One hypothesis of a result; `confidence` in 0-1, `score` what it was before calibration."""

    rank: int
    component: str
    cause_code: str
    change_id: str | None = None
    confidence: float
    score: float = 0.0
    evidence: tuple[str, ...] = ()


class Result(_Closed):
    """What came out of a case. `seconds` is the time of the whole way, from the webhook to the hypotheses."""

    id: str
    outcome: str
    seconds: float = 0.0
    generator: str = "rules"
    tokens_in: int = 0
    cost_usd: float = 0.0
    evidence_ids: tuple[str, ...] = ()
    hypotheses: tuple[Ranked, ...] = ()


def read_cases(folder: Path) -> list[Case]:
    """Read every case of a folder, whatever its subfolders, in the order of their ids."""
    return sorted((Case.model_validate_json(path.read_bytes()) for path in _files(folder)), key=lambda case: case.id)


def read_truths(folder: Path) -> dict[str, Truth]:
    """Read every truth of a folder, by case id."""
    truths = (Truth.model_validate_json(path.read_bytes()) for path in _files(folder))
    return {truth.id: truth for truth in truths}


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.json"))
