"""The OpenAPI 3.1 document, read from the declarations, and the page that shows it."""

import json
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions import declarations
from functions.http import Endpoint, File
from functions.operations import HEADERS, PARAMETERS, SCHEMAS, SECURITY_SCHEMES, operation
from shared.kernel.errors import NotFound

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
    refs, schemas = models_json_schema(models, ref_template=SCHEMAS + "{model}")
    paths: dict[str, dict[str, Any]] = {}
    for one in declared:
        paths.setdefault(f"/{one.route}", {})[one.method.lower()] = operation(one, refs)
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "SRE Copilot",
            "version": "0.1.0",
            "description": (
                "Alerts in, deduplicated incidents and explained root causes out.\n\n"
                "Payloads may be encrypted: a request of type `application/jose` is opened, and its answer sealed for"
                " the key that it names. `/.well-known/jwks.json` has the keys to encrypt to.\n\n"
                "A query parameter with an empty value counts as one that was not given."
            ),
        },
        "servers": [{"url": base_url}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**_without_uniqueness(schemas.get("$defs", {})), "Problem": _PROBLEM},
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
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


def _without_uniqueness(schema: Any) -> Any:
    """What is sent twice where a set is meant counts once, and is not refused."""
    if isinstance(schema, dict):
        return {name: _without_uniqueness(value) for name, value in schema.items() if name != "uniqueItems"}
    return [_without_uniqueness(one) for one in schema] if isinstance(schema, list) else schema


def _models(one: Endpoint) -> Iterable[tuple[type[BaseModel], Any]]:
    for model, mode in ((one.body, "validation"), (one.one_or_many, "validation"), (one.returns, "serialization")):
        if model is not None and issubclass(model, BaseModel):
            yield model, mode
