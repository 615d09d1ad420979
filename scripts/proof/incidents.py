"""Incidents to try calls on: one of each kind that some call needs."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from scripts.proof.functions import Functions
from shared.hypotheses.tables import HypothesisRow
from shared.hypotheses.values import CauseCode
from shared.platform.runtime import Runtime


async def furnish_incidents(functions: Functions, token: str) -> dict[str, str]:
    """Make what people do with incidents, beside the one that an alert has opened; returns ids by the name of each."""

    async def call(method: str, path: str, body: Any = None) -> Any:
        answer = await functions.call(method, path, body, token=token)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {answer.content.decode()}")
        return answer.json if answer.content else None

    incident_id = (await call("GET", "incidents"))["items"][0]["id"]
    made = {
        name: (await call("POST", "incidents", {"title": name}))["id"]
        for name in ("other_id", "merged_id", "closed_id", "archived_id")
    }
    await call("POST", f"incidents/{made['other_id']}/merge", {"sources": [made["merged_id"]]})
    for name in ("closed_id", "archived_id"):
        await call("POST", f"incidents/{made[name]}/transitions", {"to": "resolved", "note": "done"})
    await call("PUT", f"incidents/{made['closed_id']}/postmortem", {"body": "What happened."})
    await call("DELETE", f"incidents/{made['archived_id']}")
    related = {"other_id": made["closed_id"], "kind": "related"}
    link = await call("POST", f"incidents/{incident_id}/links", related)
    comment = await call("POST", f"incidents/{incident_id}/comments", {"body": "Seen."})
    return made | {"incident_id": incident_id, "link_id": link["id"], "comment_id": comment["id"]}


def a_hypothesis(runtime: Runtime, tenant_id: UUID, project_id: UUID, incident_id: str) -> HypothesisRow:
    """Return a hypothesis of an incident, as an analysis would have published it."""
    return HypothesisRow(
        tenant_id=tenant_id,
        id=runtime.ids.new(),
        project_id=project_id,
        incident_id=UUID(incident_id),
        run=1,
        rank=1,
        component="checkout",
        cause_code=CauseCode.DISK_FULL.value,
        change_id=None,
        claim="checkout has no disk left",
        description="A volume is full.",
        confidence_score=0.5,
        factors=[],
        evidence_for=[],
        evidence_against=[],
        check_to_make={"instruction": "Look at the disk.", "command": None, "supports": "full", "refutes": "empty"},
        created_at=runtime.clock.now(),
    )
