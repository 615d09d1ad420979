"""The admin API: the state of the host and its functions, and runs on demand."""

import socket
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any, Final
from uuid import uuid4

from aiohttp import web
from azure.storage.queue import QueueMessage
from pydantic import BaseModel, ValidationError

from scripts.devstack.functions_host.app import SCRIPT, Function
from scripts.devstack.functions_host.background import Background
from scripts.devstack.functions_host.dispatcher import Dispatcher
from scripts.devstack.functions_host.queue_messages import trigger_data, trigger_metadata
from scripts.devstack.functions_host.timers import timer_data

_STARTED: Final = time.monotonic()


class Admin:
    """Answers below `/admin/`."""

    def __init__(
        self,
        functions: Sequence[Function],
        *,
        disabled: frozenset[str],
        errors: Mapping[str, str],
        urls: Mapping[str, str],
        dispatcher: Dispatcher,
        background: Background,
    ) -> None:
        """`errors` and `urls` are by function name: why it is not served, and the path where an HTTP function is."""
        self._functions = {function.name.lower(): function for function in functions}
        self._disabled = disabled
        self._errors = errors
        self._urls = urls
        self._dispatcher = dispatcher
        self._background = background

    async def answer(self, request: web.BaseRequest, path: Sequence[str]) -> web.Response:
        """Answer for the lower-case segments that follow `/admin/`."""
        match request.method, *path:
            case "GET", "host", "status":
                return web.json_response(self._host_status())
            case "GET" | "POST", "host", "ping":
                return web.Response()
            case "GET", "functions":
                return web.json_response([self._describe(function, request) for function in self._functions.values()])
            case method, "functions", name, *rest if name in self._functions:
                return await self._function(request, method, self._functions[name], rest)
        return web.Response(status=404)

    async def _function(
        self, request: web.BaseRequest, method: str, function: Function, rest: Sequence[str]
    ) -> web.Response:
        match method, *rest:
            case ("GET",):
                return web.json_response(self._describe(function, request))
            case "GET", "status":
                error = self._errors.get(function.name)
                return web.json_response({"errors": [error]} if error else {})
            case ("POST",):
                return self._fire(function, await request.read())
        return web.Response(status=404)

    def _fire(self, function: Function, body: bytes) -> web.Response:
        """Start a run in the background; its outcome is in the log."""
        try:
            text = _Fire.model_validate_json(body).input
        except ValidationError:
            return web.Response(status=400)
        match function.trigger["type"]:
            case "timerTrigger":
                self._background.start(self._dispatcher.run(function, timer_data(None, is_past_due=False)))
            case "queueTrigger":
                data = trigger_data(text, function.trigger.get("dataType"))
                metadata = trigger_metadata(_message(text), text)
                self._background.start(self._dispatcher.run(function, data, metadata=metadata))
            case _:
                return web.Response(status=400, text="An HTTP function is called at its own URL.")
        return web.Response(status=202)

    def _host_status(self) -> dict[str, Any]:
        return {
            "id": socket.gethostname().lower(),
            "state": "Running",
            "version": "4.0",
            "versionDetails": f"local host over azure-functions-runtime {version('azure-functions-runtime')}",
            "processUptime": int((time.monotonic() - _STARTED) * 1000),
            "errors": [f"{name}: {error}" for name, error in self._errors.items()],
        }

    def _describe(self, function: Function, request: web.BaseRequest) -> dict[str, Any]:
        origin = f"{request.scheme}://{request.host}"
        url = self._urls.get(function.name)
        return {
            "name": function.name,
            "href": f"{origin}/admin/functions/{function.name}",
            "invoke_url_template": url and origin + url,
            "language": "python",
            "isDisabled": function.name in self._disabled,
            "config": {
                "name": function.name,
                "entryPoint": function.name,
                "scriptFile": SCRIPT,
                "functionDirectory": str(function.directory),
                "language": "python",
                "bindings": function.bindings,
            },
        }


class _Fire(BaseModel):
    """The body of a run on demand."""

    input: str = ""


def _message(text: str) -> QueueMessage:
    """A message that was never in a queue, for the metadata that a queue function expects."""
    message = QueueMessage(content=text)
    message.id, message.pop_receipt, message.dequeue_count = str(uuid4()), "", 1
    message.inserted_on = message.next_visible_on = datetime.now(UTC)
    message.expires_on = message.inserted_on + timedelta(days=7)
    return message
