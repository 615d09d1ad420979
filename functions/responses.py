"""Answers as HTTP."""

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
            if answer.name:
                headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
            return func.HttpResponse(
                answer.content, status_code=int(status), mimetype=answer.media_type, headers=headers
            )
        case Answer():
            response = reply(answer.body, answer.status)
            for cookie in answer.cookies:
                response.headers.add("Set-Cookie", cookie)
            return response
        case BaseModel():
            return _json(answer, status)


def _json(body: BaseModel, status: HTTPStatus) -> func.HttpResponse:
    response = json_text(body.model_dump_json(), status)
    if isinstance(version := getattr(body, "version", None), int):
        response.headers["ETag"] = f'"{version}"'
    return response


def json_text(text: str, status: HTTPStatus) -> func.HttpResponse:
    """Write an answer that is JSON already. Nobody keeps it unless told so."""
    headers = {"Cache-Control": "no-store"}
    return func.HttpResponse(text, status_code=int(status), mimetype="application/json", headers=headers)
