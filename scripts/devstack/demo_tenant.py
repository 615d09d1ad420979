"""A tenant to try the product with, made through the API as anyone would."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx

from scripts.devstack.state import State, read_json

EMAIL = "demo@example.com"
NAME = "Demo Person"
TENANT = "Demo"
PROMETHEUS = "Demo Prometheus"


class SeedFailed(RuntimeError):
    """The API refused what the demo tenant needs."""


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """How a person, a program and an AlertManager sign in."""

    email: str
    password: str
    project_id: str
    ingest_token: str
    api_key: str


def ensure_demo_tenant(state: State, api: str) -> DemoTenant:
    """The tenant recorded in `demo.json` as far as its keys are still accepted; what is missing is made.

    Raises:
        SeedFailed: names the call and the answer.

    """
    known = read_json(state.demo)
    password = state.secret("demo_password")
    try:
        with httpx.Client(base_url=api, timeout=30) as http:
            account = _sign_in(http, password)
            token = account["access_token"]
            return DemoTenant(
                email=EMAIL,
                password=password,
                project_id=account["project_id"],
                api_key=_accepted_api_key(http, known) or _make_api_key(http, token),
                ingest_token=_accepted_ingest_token(http, known) or _make_ingest_token(http, token),
            )
    except httpx.HTTPError as error:
        raise SeedFailed(f"The API could not be reached: {error}") from error


def ensure_prometheus(api: str, tenant: DemoTenant, url: str) -> None:
    """Lets the tenant's incidents be explained with what the Prometheus at `url` has measured, wherever it was before.

    Raises:
        SeedFailed: names the call and the answer.

    """
    try:
        with httpx.Client(base_url=api, timeout=30, headers=bearer(tenant.api_key)) as http:
            listed = _body(http.get("/integrations"))["items"]
            known = [one["id"] for one in listed if one["name"] == PROMETHEUS and not one["revoked_at"]]
            if known:
                _body(http.patch(f"/integrations/{known[0]}", json={"base_url": url}))
            else:
                _body(http.post("/integrations", json={"name": PROMETHEUS, "kind": "prometheus", "base_url": url}))
    except httpx.HTTPError as error:
        raise SeedFailed(f"The API could not be reached: {error}") from error


def _sign_in(http: httpx.Client, password: str) -> dict[str, Any]:
    answer = http.post("/auth/login", json={"email": EMAIL, "password": password})
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        new = {"email": EMAIL, "password": password, "name": NAME, "tenant_name": TENANT}
        answer = http.post("/auth/register", json=new)
    return _body(answer)


def _accepted_api_key(http: httpx.Client, known: Mapping[str, str]) -> str | None:
    key = known.get("api_key")
    if not key:
        return None
    answer = http.get("/incidents", params={"limit": 1}, headers=bearer(key))
    return key if answer.status_code == HTTPStatus.OK else None


def _accepted_ingest_token(http: httpx.Client, known: Mapping[str, str]) -> str | None:
    token = known.get("ingest_token")
    if not token:
        return None
    nothing = {"version": "4", "status": "resolved", "alerts": []}
    answer = http.post("/webhooks/alertmanager", json=nothing, headers=bearer(token))
    return token if answer.status_code != HTTPStatus.UNAUTHORIZED else None


def _make_api_key(http: httpx.Client, token: str) -> str:
    made = http.post("/api-keys", json={"name": "demo", "role": "owner"}, headers=bearer(token))
    return str(_body(made)["key"])


def _make_ingest_token(http: httpx.Client, token: str) -> str:
    wanted = {"name": "Demo AlertManager", "kind": "alertmanager"}
    return str(_body(http.post("/integrations", json=wanted, headers=bearer(token)))["token"])


def _body(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        request = answer.request
        raise SeedFailed(f"{request.method} {request.url.path} answered {answer.status_code}: {answer.text}")
    body: dict[str, Any] = answer.json()
    return body


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def sample_notification(now: datetime) -> dict[str, Any]:
    """One firing alert as an AlertManager posts it, begun at `now`."""
    labels = {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical"}
    return {
        "version": "4",
        "status": "firing",
        "receiver": "sre-copilot",
        "groupKey": '{}:{alertname="HighErrorRate"}',
        "groupLabels": {"alertname": "HighErrorRate", "service": "checkout"},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.com",
        "truncatedAlerts": 0,
        "alerts": [
            {
                "status": "firing",
                "labels": labels,
                "annotations": {"summary": "5xx ratio of checkout is 12 %, threshold 5 %"},
                "startsAt": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://prometheus.example.com/graph",
            }
        ],
    }


def curl_post_alert(api: str, tenant: DemoTenant, now: datetime) -> str:
    """A shell command that posts one alert."""
    return (
        f"curl -sS {api}/webhooks/alertmanager -H 'Authorization: Bearer {tenant.ingest_token}' "
        f"-H 'Content-Type: application/json' -d '{json.dumps(sample_notification(now))}'"
    )


def curl_list_incidents(api: str, tenant: DemoTenant) -> str:
    """A shell command that lists incidents."""
    return f"curl -sS {api}/incidents -H 'Authorization: Bearer {tenant.api_key}'"
