"""A case's whole way through the product: webhooks in, queues, incident, evidence, hypotheses out.

The functions run in this process, on real services, by a clock that stands at the case's own time.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol, Self

from scripts.evaluation.cases import Case, Evidence, Ranked, Result
from scripts.proof.carried import Carried
from scripts.proof.functions import Response

_PASSWORD: Final = "of a tenant that lives as long as one run"  # noqa: S105 - as it says
_WEBHOOKS: Final = {
    "alertmanager": "webhooks/alertmanager",
    "grafana": "webhooks/grafana",
    "prometheus": "webhooks/prometheus/api/v2/alerts",
    "changes": "webhooks/changes",
}
_FAILED: Final = 400
_ITEMS: Final = 200  # of evidence in one call
_MAX_ITEMS: Final = 1_000
_MAX_TEXT: Final = 65_536
_MAX_TITLE: Final = 500
_MAX_COMPONENT: Final = 253
_MAX_POINTS: Final = 2_000
_CALIBRATION: Final = "calibration"


class CaseFailed(Exception):
    """A case could not be taken through the product; the message says where."""


class Settable(Protocol):
    """Stands at the time that it was set to."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The product for one run of cases: a tenant, with a project for each case."""

    functions: Carried
    clock: Settable
    began: datetime
    session: str

    @classmethod
    async def start(cls, functions: Carried, clock: Settable, *, name: str = "evaluation") -> Self:
        """Register the tenant, whose name no other one of the database has."""
        account = {"email": f"{name}@example.com", "password": _PASSWORD, "name": name, "tenant_name": name}
        made = _good(await functions.call("POST", "auth/register", account), "register")
        return cls(functions=functions, clock=clock, began=clock.at, session=made.json["access_token"])

    async def run(self, case: Case, generator: str) -> Result:
        """Take a case through. Raises `CaseFailed`."""
        key, tokens = await self._project(case)
        self.clock.at = case.at.astimezone(UTC)
        started = time.perf_counter()
        await self._know(case, key, tokens)
        for webhook in case.webhooks:
            await self._post(_WEBHOOKS[webhook.kind], webhook.body, tokens[webhook.kind])
        incident_id = await self._incident(key)
        if incident_id is None:
            return Result(id=case.id, outcome="no_incident", seconds=time.perf_counter() - started, generator=generator)
        for some in _batches(case.evidence[:_MAX_ITEMS]):
            await self._post(f"incidents/{incident_id}/evidence", {"items": [_told(one) for one in some]}, key)
        await self.functions.carry()
        found = _good(await self.functions.call("GET", f"incidents/{incident_id}/hypotheses", token=key), "hypotheses")
        seconds = time.perf_counter() - started
        changes = await self._changes(key) if case.changes else {}
        used = _good(await self.functions.call("GET", "analytics/ai", token=key), "usage").json
        return _result(case, found.json, changes, used).model_copy(update={"seconds": seconds, "generator": generator})

    async def _project(self, case: Case) -> tuple[str, Mapping[str, str]]:
        """Make a project of the case's own; return its API key and the ingest tokens by kind."""
        self.clock.at = self.began
        project = await self._post("projects", {"name": case.id[:100]}, self.session)
        moved = await self._post("auth/switch-project", {"project_id": project["id"]}, self.session)
        session = moved["access_token"]
        key = await self._post("api-keys", {"name": "eval", "role": "owner"}, session)
        kinds = {webhook.kind for webhook in case.webhooks} | ({"changes"} if case.changes else set())
        tokens = {
            kind: (await self._post("integrations", {"kind": kind, "name": kind}, session))["token"]
            for kind in sorted(kinds)
        }
        return key["key"], tokens

    async def _know(self, case: Case, key: str, tokens: Mapping[str, str]) -> None:
        """Tell what is known before the alerts: the services, and what was changed."""
        if case.services:
            services = [{"name": one.name, "depends_on": list(one.depends_on)} for one in case.services]
            await self._post("services/import", {"services": services}, key)
        if case.changes:
            body = [one.model_dump(mode="json") for one in case.changes]
            await self._post(_WEBHOOKS["changes"], body, tokens["changes"])

    async def _incident(self, key: str) -> str | None:
        """Return the case's one incident: what opened as several is merged, because a case is one failure."""
        items = _good(await self.functions.call("GET", "incidents?limit=200", token=key), "incidents").json["items"]
        if not items:
            return None
        first, *others = sorted(items, key=lambda one: (one["started_at"], one["number"]))
        if others:
            await self._post(f"incidents/{first['id']}/merge", {"sources": [one["id"] for one in others]}, key)
        return str(first["id"])

    async def _changes(self, key: str) -> Mapping[str, str]:
        """The senders' own ids of changes, by ours."""
        found = _good(await self.functions.call("GET", "changes?limit=200", token=key), "changes").json["items"]
        return {one["id"]: one["external_id"] for one in found}

    async def _post(self, path: str, body: Any, token: str) -> Any:
        return _good(await self.functions.call("POST", path, body, token=token), path).json


def _good(answer: Response, what: str) -> Response:
    if answer.status >= _FAILED:
        raise CaseFailed(f"{what} was answered {answer.status}: {answer.content.decode(errors='replace')[:500]}")
    return answer


def _batches(items: Sequence[Evidence]) -> Iterable[Sequence[Evidence]]:
    return (items[start : start + _ITEMS] for start in range(0, len(items), _ITEMS))


def _told(one: Evidence) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": one.kind,
        "component": one.component[:_MAX_COMPONENT],
        "at": one.at.isoformat(),
        "title": one.title[:_MAX_TITLE] or one.kind,
        "text": one.text[:_MAX_TEXT],
    }
    points = [(at.isoformat(), value) for at, value in one.series.points if value is not None] if one.series else []
    if one.series and points:
        said["series"] = {"unit": one.series.unit[:64], "points": points[-_MAX_POINTS:]}
    return said


def _result(case: Case, found: Mapping[str, Any], changes: Mapping[str, str], used: Mapping[str, Any]) -> Result:
    return Result(
        id=case.id,
        outcome=found["outcome"] or "not_finished",
        tokens_in=used["input_tokens"],
        cost_usd=used["cost_usd"],
        evidence_ids=tuple(item["id"] for item in found["evidence"]),
        hypotheses=tuple(_ranked(one, changes) for one in found["items"]),
    )


def _ranked(one: Mapping[str, Any], changes: Mapping[str, str]) -> Ranked:
    shift = sum(factor["contribution"] for factor in one["factors"] if factor["name"] == _CALIBRATION)
    return Ranked(
        rank=one["rank"],
        component=one["component"],
        cause_code=one["cause_code"],
        change_id=changes.get(one["change_id"], one["change_id"]),
        confidence=one["confidence_score"],
        score=one["confidence_score"] - shift,
        evidence=tuple(cited["id"] for cited in one["evidence"]),
    )
