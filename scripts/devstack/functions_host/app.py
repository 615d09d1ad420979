"""The function app: imported, indexed and called through Microsoft's worker library."""

import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import azure_functions_runtime as worker
from azure_functions_runtime import handle_event
from azure_functions_runtime.bindings.meta import load_binding_registry
from azure_functions_runtime.functions import Registry
from azure_functions_runtime.loader import index_function_app, process_indexed_function

from scripts.devstack.functions_host.messages import PROTOS, Message, ParameterBinding, TypedData

SCRIPT: Final = "function_app.py"

type Binding = Mapping[str, Any]
"""One entry of `bindings` as in function.json."""


class AppError(Exception):
    """The function app cannot be loaded."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    id: str
    name: str
    directory: Path
    bindings: tuple[Binding, ...]
    trigger: Binding
    queue_outputs: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gave back: its return value and outputs by binding name, or the error that ended it."""

    returned: TypedData | None = None
    outputs: Mapping[str, TypedData] | None = None
    error: str | None = None


def load_app(directory: Path) -> list[Function]:
    """Import `function_app.py` and index its functions; once per process, since Python keeps the module.

    Raises AppError when the app cannot be imported, does not pass the worker's checks or has no functions.
    """
    script = directory / SCRIPT
    if not script.exists():
        raise AppError(f"{script} is missing; a Python v2 function app starts there.")
    sys.path.insert(0, str(directory))
    try:
        functions = index_app(index_function_app(str(script)), directory)
    except Exception as error:
        raise AppError(f"{script} cannot be loaded: {type(error).__name__}: {error}") from error
    if not functions:
        raise AppError(f"{script} has no functions.")
    return functions


async def close_app() -> None:
    """Await the coroutine function `shutdown` of `function_app.py`, if it has one.

    For development only: Azure ends a worker without telling the app.
    """
    shutdown = getattr(sys.modules.get(Path(SCRIPT).stem), "shutdown", None)
    if inspect.iscoroutinefunction(shutdown):
        await shutdown()


def index_app(indexed: Sequence[Any], directory: Path) -> list[Function]:
    """Register what `FunctionApp.get_functions()` gave with the worker library.

    Raises what the library raises for a function whose parameters, annotations and bindings do not agree.
    """
    handle_event.protos = PROTOS
    load_binding_registry()
    if worker.get_threadpool_executor() is None:
        worker.start_threadpool_executor()
    registry = Registry()
    found, _ = process_indexed_function(PROTOS, registry, indexed, str(directory))
    functions = [_function(metadata, directory) for metadata in found]
    # The library derives ids from names alone; with the directory in them, apps of one process do not meet.
    handle_event._functions._functions.update(  # noqa: SLF001 - the library publishes no way to add a function
        {
            function.id: registry.get_function(metadata.function_id)
            for function, metadata in zip(functions, found, strict=True)
        }
    )
    return functions


def _function(metadata: Message, directory: Path) -> Function:
    bindings = tuple(json.loads(raw) for raw in metadata.raw_bindings)
    return Function(
        id=f"{directory}:{metadata.function_id}",
        name=metadata.name,
        directory=directory,
        bindings=bindings,
        trigger=next(binding for binding in bindings if binding["type"].endswith("Trigger")),
        queue_outputs=tuple(binding for binding in bindings if binding["type"] == "queue"),
    )


_NO_RETRY: Final = Message(retry_count=0, max_retry_count=0)


async def invoke(
    function: Function,
    data: TypedData,
    *,
    metadata: Mapping[str, TypedData] | None = None,
    trace_parent: str = "",
    invocation_id: str = "",
) -> Result:
    """Run `function` once with `data` for its trigger. Whatever the function raises comes back as `Result.error`."""
    call = SimpleNamespace(
        invocation_id=invocation_id,
        function_id=function.id,
        input_data=(ParameterBinding(function.trigger["name"], data),),
        trigger_metadata=metadata,
        trace_context=Message(trace_parent=trace_parent, trace_state="", attributes={}),
        retry_context=_NO_RETRY,
    )
    answer = await worker.invocation_request(SimpleNamespace(request=SimpleNamespace(invocation_request=call)))
    if answer.result.status != PROTOS.StatusResult.Success:
        return Result(error=answer.result.exception.stack_trace or answer.result.exception.message)
    return Result(answer.return_value, {output.name: output.data for output in answer.output_data})
