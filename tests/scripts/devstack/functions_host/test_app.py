from pathlib import Path

import azure.functions as func
import pytest

from scripts.devstack.functions_host.app import AppError, Function, index_app, load_app


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


def test_a_folder_without_a_function_app_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"function_app\.py is missing"):
        load_app(tmp_path)
