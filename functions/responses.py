"""Answers as HTTP."""

import json
from http import HTTPStatus

import azure.functions as func
from pydantic import BaseModel

from functions.http import Answer, File


def reply(answer: BaseModel | Answer | File | None, status: HTTPStatus) -> func.HttpResponse:
    """Write what a handler returned."""
    match answer:
        case None:
            return func.HttpResponse(status_code=int(status))
        case File():
            caching = f"public, max-age={answer.cache_seconds}" if answer.cache_seconds else "no-cache"
            headers = {"Cache-Control": caching, "X-Content-Type-Options": "nosniff"}
            if answer.next_url:
                headers["Link"] = f'<{answer.next_url}>; rel="next"'
            if answer.name:
                headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
            return func.HttpResponse(
                answer.content, status_code=int(status), mimetype=answer.media_type, headers=headers
            )
        case Answer():
            response = reply(answer.body, answer.status)
            response.headers.update(answer.headers)
            for cookie in answer.cookies:
                response.headers.add("Set-Cookie", cookie)
            return response
        case BaseModel():
            return _json(answer, status)


def replayed(text: str, status: HTTPStatus) -> func.HttpResponse:
    """Write a kept answer to the request that was sent again, with the ETag that it had."""
    response = _tagged(json_text(text, status), json.loads(text).get("version"))
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _json(body: BaseModel, status: HTTPStatus) -> func.HttpResponse:
    return _tagged(json_text(body.model_dump_json(), status), getattr(body, "version", None))


def _tagged(response: func.HttpResponse, version: object) -> func.HttpResponse:
    if isinstance(version, int):
        response.headers["ETag"] = f'"{version}"'
    return response


def json_text(text: str, status: HTTPStatus) -> func.HttpResponse:
    """Write an answer that is JSON already. Nobody keeps it unless told so."""
    headers = {"Cache-Control": "no-store"}
    return func.HttpResponse(text, status_code=int(status), mimetype="application/json", headers=headers)
