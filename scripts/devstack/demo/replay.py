"""Notifications captured from a real AlertManager, posted again as if they happened now."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import httpx

from scripts.devstack.demo_tenant import SeedFailed, bearer

type Status = Literal["firing", "resolved"]


def replay(api: str, token: str, status: Status, *, began: datetime, ended: datetime | None = None) -> None:
    """Posts the captured notification of that status, its alerts moved to these times.

    Raises:
        SeedFailed: the webhook could not be reached, or refused it.

    """
    body = captured(status, began=began, ended=ended)
    try:
        httpx.post(f"{api}/webhooks/alertmanager", json=body, headers=bearer(token), timeout=30).raise_for_status()
    except httpx.HTTPError as error:
        raise SeedFailed(f"The captured notification could not be posted: {error}") from error


def captured(status: Status, *, began: datetime, ended: datetime | None) -> dict[str, Any]:
    """The body of a notification with its alerts moved; without `ended` their end is left as captured."""
    body: dict[str, Any] = json.loads(Path(__file__).with_name(f"captured-{status}.json").read_text())
    for alert in body["alerts"]:
        alert["startsAt"] = began.isoformat()
        if ended:
            alert["endsAt"] = ended.isoformat()
    return body
