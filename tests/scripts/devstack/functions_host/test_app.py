import re
import sys
from collections.abc import Iterator
from pathlib import Path

import azure.functions as func
import pytest

from scripts.devstack.functions_host.app import AppError, Function, close_app, index_app, load_app


def _app() -> func.FunctionApp:
    app = func.FunctionApp()
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    @app.route(route="items/{id}", methods=["GET"])
    @app.queue_output(arg_name="out", queue_name="%Orders%", connection="Storage")
    async def get_item(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
        return func.HttpResponse()

    @blueprint.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    async def sweep(timer: func.TimerRequest) -> None: ...

    app.register_functions(blueprint)
    return app


def _index(folder: Path) -> dict[str, Function]:
    return {function.name: function for function in index_app(_app().get_functions(), folder)}


def test_functions_are_indexed_with_the_bindings_of_the_worker(tmp_path: Path) -> None:
    functions = _index(tmp_path)
    assert functions.keys() == {"get_item", "sweep"}
    assert functions["get_item"].trigger == {
        "direction": "IN",
        "type": "httpTrigger",
        "name": "req",
        "methods": ["GET"],
        "authLevel": "FUNCTION",
        "route": "items/{id}",
    }
    assert [output["queueName"] for output in functions["get_item"].queue_outputs] == ["%Orders%"]
    assert functions["sweep"].trigger["type"] == "timerTrigger"


def test_ids_are_stable_and_differ_between_apps(tmp_path: Path) -> None:
    here, again, elsewhere = (_index(folder)["sweep"].id for folder in (tmp_path, tmp_path, tmp_path / "other"))
    assert here == again
    assert here != elsewhere


START = """
import azure.functions as func
app = func.FunctionApp()
"""

PING = """
@app.route(route="ping")
async def ping(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("pong")
"""


@pytest.fixture
def importing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the test import a `function_app` of its own."""
    monkeypatch.setattr(sys, "path", sys.path.copy())
    kept = sys.modules.pop("function_app", None)
    yield
    sys.modules.pop("function_app", None)
    if kept:
        sys.modules["function_app"] = kept


@pytest.mark.usefixtures("importing")
@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "function_app.py is missing"),
        ("", "has no functions"),
        ("import nothing_of_that_name", "Cannot find module"),
        ("1 / 0", "ZeroDivisionError"),
        (PING + PING.replace('"ping"', '"pong"'), "does not have a unique function name"),
        ("other = func.FunctionApp()", "More than one FunctionApp"),
        (PING.replace("req: func.HttpRequest", "_req: func.HttpRequest"), "not in the function definition"),
        (PING.replace("-> func.HttpResponse", "-> None"), "NoneType"),
    ],
    ids=["missing", "empty", "import", "raising", "duplicate", "two apps", "parameter", "annotation"],
)
def test_an_app_that_cannot_be_loaded_says_why(tmp_path: Path, source: str | None, message: str) -> None:
    if source is not None:
        (tmp_path / "function_app.py").write_text(START + source)
    with pytest.raises(AppError, match=re.escape(message)):
        load_app(tmp_path)


@pytest.mark.usefixtures("importing")
async def test_an_app_can_close_what_it_opened(tmp_path: Path) -> None:
    source = """
closed = []
async def shutdown() -> None:
    closed.append(True)
"""
    (tmp_path / "function_app.py").write_text(START + PING + source)
    assert [function.name for function in load_app(tmp_path)] == ["ping"]
    await close_app()
    assert sys.modules["function_app"].closed == [True]
