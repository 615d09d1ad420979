"""Requests as the endpoints declare them. Parsing has its own errors, so our bug is never the caller's 422."""

import re
from typing import Any, Final
from uuid import UUID

import azure.functions as func
from pydantic import TypeAdapter, ValidationError

from functions.http import Endpoint
from shared.access.errors import ProjectNotFound
from shared.kernel.errors import Invalid, Malformed, NotFound, TooLarge
from shared.kernel.values import ProjectId
from shared.platform.foreign import fields

MAX_BODY: Final = 1_024 * 1_024
PROJECT: Final = "project_id"  # in every path below projects/, and in the queries that may be about another project
_PROJECT: Final = TypeAdapter(UUID)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")  # JSON's reader refuses these in bodies; no store takes them
_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,9})"')


def check_size(content: bytes, limit: int = MAX_BODY) -> bytes:
    """Return the content if it is not too large. Raises `TooLarge`."""
    if len(content) > limit:
        raise TooLarge(limit_bytes=limit)
    return content


def read_body(spec: Endpoint, content: bytes) -> Any:
    """Return the body as the endpoint declares it. Raises `Malformed` or `Invalid`."""
    if spec.body is None:
        return None
    if issubclass(spec.body, bytes):
        return content
    try:
        return spec.body.model_validate_json(content or b"{}")  # an absent body is an empty one
    except ValidationError as error:
        found = fields(error)
        if any(e["type"] == "json_invalid" for e in error.errors(include_url=False, include_input=False)):
            raise Malformed("The body is not JSON.", errors=found) from None
        raise Invalid(errors=found) from None


def read_query(spec: Endpoint, req: func.HttpRequest) -> Any:
    """Return the query as the endpoint declares it. Raises `Invalid`."""
    if spec.query is None:
        return None
    if broken := [name for name, value in req.params.items() if _SURROGATE.search(value)]:
        raise Invalid(errors=[{"field": name, "message": "must be text in UTF-8"} for name in broken])
    try:
        return spec.query.model_validate(dict(req.params))
    except ValidationError as error:
        raise Invalid(errors=fields(error)) from None


def read_path(spec: Endpoint, req: func.HttpRequest) -> dict[str, Any]:
    """Return the values in the path, typed. Raises `NotFound`."""
    try:
        return {name: kind.validate_python(req.route_params[name]) for name, kind in spec.path_types.items()}
    except ValidationError:
        raise NotFound from None  # an id that is none is the id of nothing


def read_project(spec: Endpoint, req: func.HttpRequest) -> ProjectId | None:
    """Return the project that a path or a query names, in which the caller then acts; None where neither does."""
    given = None
    if PROJECT in spec.path_types:
        given = req.route_params[PROJECT]
    elif spec.query is not None and PROJECT in spec.query.model_fields:
        given = req.params.get(PROJECT)
    try:
        return None if given is None else ProjectId(_PROJECT.validate_python(given))
    except ValidationError:
        raise ProjectNotFound from None


def read_if_match(given: str | None) -> int | None:
    """Return the version that the caller saw; None for any. Raises `Invalid`."""
    if given is None or given.strip() == "*":
        return None
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise Invalid(errors=[{"field": "If-Match", "message": 'must be one ETag, such as "3"'}])
    return int(found.group(1))
