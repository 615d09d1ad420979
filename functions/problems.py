"""Errors as RFC 9457 problem details: one table, by class ancestry."""

import json
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import azure.functions as func

from shared.kernel.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    StaleVersion,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    WrongMediaType,
)
from shared.platform.telemetry import trace_id_of

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5

STATUS: Final[Mapping[type[DomainError], HTTPStatus]] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.CONTENT_TOO_LARGE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_HEADERS: Final[Mapping[HTTPStatus, Mapping[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": str(RETRY_SECONDS)},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(RETRY_SECONDS)},
}


def status_of(error: type[DomainError]) -> HTTPStatus:
    """Return the nearest ancestor's status, so that a new error needs no new line here."""
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def type_of(error: type[DomainError]) -> str:
    """Return the problem type: the name of the class, as a path."""
    return "/problems/" + re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def problem(error: Exception, *, instance: str, trace: str) -> func.HttpResponse:
    """Answer an error. What we did not foresee is logged and answered without its text."""
    body: dict[str, Any]
    if isinstance(error, DomainError):
        status = status_of(type(error))
        body = {"type": type_of(type(error)), "title": error.title, "status": int(status), "instance": instance}
        if error.detail:
            body["detail"] = error.detail
        body |= {name: value for name, value in error.details.items() if name not in body}
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("%s: %s", instance, error.title)
    else:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        body = {"type": "about:blank", "title": "Something went wrong on our side.", "status": int(status)}
        body["instance"] = instance
        log.error("%s failed", instance, exc_info=error)
    body["trace_id"] = trace_id_of(trace)
    headers = dict(_HEADERS.get(status, {}))
    if "retry_after" in body:
        headers["Retry-After"] = str(body["retry_after"])
    if "retry_after" in body and status is not HTTPStatus.CONFLICT:
        headers["RateLimit"] = f'"caller";r=0;t={body["retry_after"]}'
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str),
        status_code=int(status),
        mimetype=MEDIA_TYPE,
        headers=headers,
    )
