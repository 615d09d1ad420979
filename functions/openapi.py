"""The OpenAPI 3.1 document, read from the declarations, and the page that shows it."""

import json
import re
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions import declarations
from functions.http import Admission, Endpoint, File
from functions.problems import MEDIA_TYPE, status_of, type_of
from shared.kernel.errors import (
    DomainError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    Unauthenticated,
    WrongMediaType,
)
from shared.kernel.values import Permission

_SCHEMAS: Final = "#/components/schemas/"
_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "trace_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}
_ASSETS: Final = {
    "swagger-ui.css": ("css/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("js/swagger-ui-bundle.js", "text/javascript"),
}
_DAY: Final = 86_400

DOCS_PAGE: Final = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SRE Copilot API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "openapi.json", dom_id: "#page", deepLinking: true, tryItOutEnabled: true})</script>
</body>
</html>
"""


def endpoints() -> list[Endpoint]:
    """Return every declared endpoint, by name."""
    return sorted((one for one in declarations() if isinstance(one, Endpoint)), key=lambda one: one.name)


@cache
def document(base_url: str) -> bytes:
    """Return the OpenAPI document as JSON. `base_url` is where the API's routes begin."""
    declared = endpoints()
    models = sorted({(model, mode) for one in declared for model, mode in _models(one)}, key=str)
    refs, schemas = models_json_schema(models, ref_template=_SCHEMAS + "{model}")
    paths: dict[str, dict[str, Any]] = {}
    for one in declared:
        paths.setdefault(f"/{one.route}", {})[one.method.lower()] = _operation(one, refs)
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "SRE Copilot",
            "version": "0.1.0",
            "description": "Alerts in, deduplicated incidents and explained root causes out.",
        },
        "servers": [{"url": base_url}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": _PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }
    return json.dumps(described, ensure_ascii=False, indent=2).encode()


def docs_asset(name: str) -> File:
    """Return one of Swagger UI's files. Raises `NotFound`."""
    package = find_spec("flask_openapi3_swagger")  # found, never imported: only its files are wanted
    if name not in _ASSETS or package is None or not package.submodule_search_locations:
        raise NotFound
    path, media_type = _ASSETS[name]
    folder = Path(package.submodule_search_locations[0]) / "templates" / "swagger"
    return File((folder / path).read_bytes(), media_type, cache_seconds=_DAY)


def _models(one: Endpoint) -> Iterable[tuple[type[BaseModel], Any]]:
    for model, mode in ((one.body, "validation"), (one.one_or_many, "validation"), (one.returns, "serialization")):
        if model is not None and issubclass(model, BaseModel):
            yield model, mode


def _operation(one: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary.partition("\n")[0],
        "description": one.summary,
        "tags": [one.route.partition("/")[0]],
        "parameters": [*_path_parameters(one), *_query_parameters(one)],
        "responses": _responses(one, refs),
        "x-permission": one.needs.value,
        "security": [] if one.needs is Admission.EVERYONE else [{"bearer": []}],
    }
    if one.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _body(one, refs)}}}
    return operation


def _body(one: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    if one.one_or_many is not None:
        item = refs[one.one_or_many, "validation"]
        return {"anyOf": [item, {"type": "array", "items": item}]}
    described: dict[str, Any] = {"type": "object"} if one.body is bytes else refs[one.body, "validation"]
    return described


def _path_parameters(one: Endpoint) -> Iterable[dict[str, Any]]:
    for name, kind in one.path_types.items():
        yield {"name": name, "in": "path", "required": True, "schema": kind.json_schema()}


def _query_parameters(one: Endpoint) -> Iterable[dict[str, Any]]:
    if one.query is None:
        return
    schema = one.query.model_json_schema()
    for name, kind in schema["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": _inlined(kind, schema.get("$defs", {}))}


def _inlined(kind: Any, definitions: dict[str, Any]) -> Any:
    """Query parameters are small: their definitions are written where they are used."""
    if isinstance(kind, dict):
        if "$ref" in kind:
            return definitions[kind["$ref"].rpartition("/")[2]]
        return {name: _inlined(value, definitions) for name, value in kind.items()}
    return [_inlined(one, definitions) for one in kind] if isinstance(kind, list) else kind


def _responses(one: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTPStatus(one.status).phrase}
    if one.returns is not None and issubclass(one.returns, BaseModel):
        good["content"] = {"application/json": {"schema": refs[one.returns, "serialization"]}}
    responses = {str(int(one.status)): good}
    by_status: dict[int, list[type[DomainError]]] = {}
    for error in (*_always(one), *one.raises):
        by_status.setdefault(int(status_of(error)), []).append(error)
    for status, errors in sorted(by_status.items()):
        responses[str(status)] = {
            "description": " ".join(error.title for error in dict.fromkeys(errors)),
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
            "x-problem-types": [type_of(error) for error in dict.fromkeys(errors)],
        }
    return responses


def _always(one: Endpoint) -> Iterable[type[DomainError]]:
    """What the adapter itself may answer."""
    if one.needs is not Admission.EVERYONE:
        yield Unauthenticated
    if isinstance(one.needs, Permission):
        yield Forbidden
    if one.body is not None:
        yield from (Malformed, TooLarge, WrongMediaType)
    if one.query is not None or (one.body is not None and not issubclass(one.body, bytes)):
        yield Invalid
    if re.search(r"{", one.route):
        yield NotFound
