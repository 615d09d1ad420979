"""A valid request for every declared endpoint, made from its models' own JSON schemas."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.http import Endpoint

PASSWORD: Final = "correct-Horse-battery-7-staple"  # noqa: S105 - of accounts that live as long as one run

JSON_BODY: Final = {"content-type": "application/json"}
NOWHERE_URL: Final = "http://127.0.0.1:9"  # the discard port, where nothing listens

# What a schema cannot say, by the field's name; then by endpoint.
_FIELDS: Final[Mapping[object, Any]] = {
    "email": "somebody.new@example.com",
    "password": PASSWORD,
    "current_password": PASSWORD,
    "new_password": f"another-{PASSWORD}",
    "base_url": NOWHERE_URL,
    "url": NOWHERE_URL,
    "runbook_url": "https://wiki.example.com/",
    "role": "viewer",
    "note": "because",
    "cursor": "djE6MQ",
    "points": [["2026-01-02T03:04:05Z", 1.0]],
    "label": ["team:db"],
    "grouping": {"by": "labels", "labels": ["cluster"]},
}
_BY_ENDPOINT: Final[Mapping[object, Any]] = {
    ("transition_incident", "to"): "acknowledged",
    ("import_services", "callee"): "another example",
    ("login", "email"): "owner@example.com",
    ("forgot_password", "email"): "owner@example.com",
    ("create_incident", "assignee_id"): None,  # else only callers of its project could
    **{
        (name, field): value
        for name in ("create_maintenance_window", "update_maintenance_window", "preview_maintenance_window")
        for field, value in {
            "label": "service",
            "starts_at": "2099-01-03T22:00:00Z",
            "ends_at": "2099-01-04T04:00:00Z",
            "rule": "FREQ=WEEKLY;BYDAY=SA",
            "timezone": "Europe/Berlin",
        }.items()
    },
}
# What is called alike and is another thing: a body's `token` is an invitation's, but for this endpoint; and which of
# several incidents an endpoint takes, where not any will do.
_THINGS: Final[Mapping[object, str]] = {
    ("reset_password", "token"): "reset_token",
    ("unmerge_incident", "incident_id"): "merged_id",
    ("archive_incident", "incident_id"): "closed_id",
    ("publish_postmortem", "incident_id"): "closed_id",
    ("restore_incident", "incident_id"): "archived_id",
}
_LISTS_OF_THINGS: Final[Mapping[str, str]] = {"sources": "other_id"}
_PLAIN_PATHS: Final[Mapping[str, str]] = {"asset": "swagger-ui.css"}
ALERT: Final = {
    "status": "firing",
    "labels": {"alertname": "ErrorsHigh", "service": "checkout", "severity": "critical"},
    "annotations": {"summary": "Errors are high"},
    "startsAt": "2026-01-02T03:04:05Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example/graph?g0.expr=up",
    "fingerprint": "0123456789abcdef",
}
NOTIFICATION: Final = {
    "version": "4",
    "status": "firing",
    "groupLabels": {"service": "checkout"},
    "truncatedAlerts": 0,
    "alerts": [ALERT],
}
CHANGE: Final = {
    "id": "build-7",
    "at": "2026-01-02T03:04:05Z",
    "kind": "deploy",
    "component": "checkout",
    "title": "checkout 1.2.3",
    "detail": "Raises the pool to 40 connections",
    "author": "ann",
    "url": "https://ci.example.com/7",
}
_FOREIGN_BODIES: Final[Mapping[str, Any]] = {
    "receive_alertmanager": NOTIFICATION,
    "receive_alerts": [{"name": "BackupFailed", "service": "checkout", "severity": "high", "id": "backup-7"}],
    "receive_changes": [CHANGE],
    "receive_grafana": NOTIFICATION,
    "receive_prometheus": [ALERT],
}


def path_of(endpoint: Endpoint, things: Mapping[str, str]) -> Mapping[str, str]:
    """Return the path parameters of a call about `things`. Raises `LookupError` where there is none of a kind."""
    return {
        name: things[_THINGS.get((endpoint.name, name), name)] if kind == "uuid" else _PLAIN_PATHS[name]
        for name, kind in _formats(endpoint).items()
    }


def example(endpoint: Endpoint, things: Mapping[str, str]) -> Any:
    """Return a body that the endpoint accepts, with every field that it knows; None where it takes none."""
    if endpoint.body is None:
        return None
    if issubclass(endpoint.body, bytes):
        return _FOREIGN_BODIES.get(endpoint.name, NOTIFICATION)
    schema = endpoint.body.model_json_schema()
    fields = _Writer(endpoint.name, things, schema.get("$defs", {}))
    return fields.value("", schema)


def example_bytes(endpoint: Endpoint, things: Mapping[str, str]) -> bytes:
    """Return that body as it is sent."""
    found = example(endpoint, things)
    return b"" if found is None else json.dumps(found).encode()


def query_fields(endpoint: Endpoint) -> list[str]:
    """Return the names of an endpoint's query parameters."""
    return [] if endpoint.query is None else list(endpoint.query.model_json_schema().get("properties", {}))


def secret_fields(endpoint: Endpoint) -> set[str]:
    """Return the names of the top fields of a body that nobody may read back."""
    if endpoint.body is None or issubclass(endpoint.body, bytes):
        return set()
    fields = endpoint.body.model_json_schema().get("properties", {})
    return {name for name, field in fields.items() if '"writeOnly": true' in json.dumps(field)}


def things_of(endpoint: Endpoint) -> set[str]:
    """Return the path parameters and the top fields of a body that name a resource by its id."""
    in_path = {name for name, kind in _formats(endpoint).items() if kind == "uuid"}
    if endpoint.body is None or issubclass(endpoint.body, bytes):
        return in_path
    fields = endpoint.body.model_json_schema().get("properties", {})
    return in_path | {name for name, field in fields.items() if field.get("format") == "uuid"}


def _formats(endpoint: Endpoint) -> Mapping[str, str]:
    return {name: kind.json_schema().get("format", "") for name, kind in endpoint.path_types.items()}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes values of one endpoint's body."""

    endpoint: str
    things: Mapping[str, str]
    definitions: Mapping[str, Any]

    def value(self, name: str, schema: Mapping[str, Any]) -> Any:
        thing = _THINGS.get((self.endpoint, name), name)
        for table, key in ((_BY_ENDPOINT, (self.endpoint, name)), (_FIELDS, name), (self.things, thing)):
            if key in table:
                return table[key]  # type: ignore[index]  # the tables' keys are of different types
        if name in _LISTS_OF_THINGS:
            return [self.things[_LISTS_OF_THINGS[name]]]
        return self._of_schema(name, schema)

    def _of_schema(self, name: str, schema: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            return self.value(name, self.definitions[schema["$ref"].rpartition("/")[2]])
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.value(name, schema[choice][0])
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        return self._plain(schema)

    def _plain(self, schema: Mapping[str, Any]) -> Any:
        match schema.get("type"):
            case "object":
                return {name: self.value(name, field) for name, field in schema.get("properties", {}).items()}
            case "array":
                return [self.value("", schema.get("items", {}))]
            case "integer" | "number":
                return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            case "boolean":
                return False
            case "null":
                return None
            case _:
                return _text(schema)


def _text(schema: Mapping[str, Any]) -> str:
    formats = {
        "uuid": "01890000-0000-7000-8000-000000000000",
        "date-time": "2026-01-02T03:04:05Z",
        "date": "2026-01-02",
        "uri": "https://monitoring.example.com/",
    }
    found: str = formats.get(schema.get("format", ""), "example")
    return found.ljust(schema.get("minLength", 0), "x")
