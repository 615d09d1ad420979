"""Incidents of several problems at once, and short ways to look at them."""

from dataclasses import dataclass
from typing import Any

from scripts.proof.functions import Response
from tests.fixtures import App, StoppedClock, Tenant, sign_in_again

MISSING = "01a2003b-b320-7149-b53c-6a0ff7d4daab"


@dataclass
class Board:
    """A project's incidents, seen by its owner."""

    app: App
    tenant: Tenant
    clock: StoppedClock

    async def call(self, method: str, path: str, body: Any = None, **given: Any) -> Response:
        """Call as the owner, whose session outlives any jump of the clock."""
        answer = await self.app.call(method, path, body, token=self.tenant.token, **given)
        if answer.status != 401:
            return answer
        self.tenant = await sign_in_again(self.app, self.tenant)
        return await self.app.call(method, path, body, token=self.tenant.token, **given)

    async def post(self, problem: str, status: str = "firing", *, pod: int = 0, **alert: Any) -> None:
        """Have an alert of a problem fire or resolve; each pod has one episode."""
        labels = {"alertname": problem, "pod": str(pod), "service": "shop", "severity": "warning"}
        sent = {"status": status, "labels": labels, "startsAt": "2026-11-20T10:00:00Z"} | alert
        body = {"version": "4", "groupLabels": {"alertname": problem}, "alerts": [sent]}
        answer = await self.app.call("POST", "webhooks/alertmanager", body, token=self.tenant.ingest_token)
        assert answer.status == 202

    async def opened(self, problem: str, **alert: Any) -> dict[str, Any]:
        """Have a problem fire and return its incident, which is the newest."""
        await self.post(problem, **alert)
        return (await self.all())[0]

    async def all(self) -> list[dict[str, Any]]:
        """Return the incidents, newest first."""
        found: list[dict[str, Any]] = (await self.call("GET", "incidents")).json["items"]
        return found

    async def see(self, incident: dict[str, Any]) -> dict[str, Any]:
        """Return what an incident has become."""
        found: dict[str, Any] = (await self.call("GET", f"incidents/{incident['id']}")).json
        return found

    async def alerts(self, incident: dict[str, Any]) -> set[tuple[str, str]]:
        """Return an incident's alerts as problem and pod."""
        found = (await self.call("GET", f"incidents/{incident['id']}/alerts")).json["items"]
        return {(one["labels"]["alertname"], one["labels"]["pod"]) for one in found}

    async def changes(self, incident: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what the timeline has of changes to an incident."""
        found = (await self.call("GET", f"incidents/{incident['id']}/timeline")).json["items"]
        return [one for one in found if one["type"] == "incident.updated"]

    async def move(self, incident: dict[str, Any], to: str) -> Response:
        path = f"incidents/{incident['id']}/transitions"
        return await self.call("POST", path, {"to": to, "note": "because"})

    async def merge(self, target: dict[str, Any], *sources: dict[str, Any], **given: Any) -> Response:
        body = {"sources": [one["id"] for one in sources]}
        return await self.call("POST", f"incidents/{target['id']}/merge", body, **given)

    async def unmerge(self, incident: dict[str, Any], **given: Any) -> Response:
        return await self.call("POST", f"incidents/{incident['id']}/unmerge", **given)
