"""The house rules: what is declared, mounted, described and routed is one and the same."""

import ast
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions import FEATURES, build_app, declarations, triggers
from functions.http import Endpoint, HttpTrigger
from functions.openapi import document, endpoints
from functions.problems import STATUS, status_of, type_of
from functions.queues import Consumer, QueueTrigger
from functions.subscriptions import SUBSCRIPTIONS
from functions.timers import Timer, TimerTrigger
from functions.trigger import Unreadable, read
from scripts.devstack.functions_host.app import index_app
from shared.changes.events import ChangeRecorded
from shared.kernel.errors import DomainError
from shared.kernel.events import Event
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from tests.fixtures import App

ROOT = Path(__file__).parent.parent.parent
MAX_LINES = 30


def function_files() -> list[Path]:
    return sorted(path for feature in FEATURES for path in (ROOT / "functions" / feature).glob("[!_]*.py"))


def test_every_folder_of_functions_is_mounted() -> None:
    folders = {path.name for path in (ROOT / "functions").iterdir() if (path / "__init__.py").exists()}
    assert folders == set(FEATURES)


def test_file_function_and_operation_have_one_name() -> None:
    assert [path.stem for path in function_files()] == [one.name for one in sorted_by_file()]


def sorted_by_file() -> list[Any]:
    names = [path.stem for path in function_files()]
    return sorted(declarations(), key=lambda one: names.index(one.name))


@pytest.mark.parametrize("path", function_files(), ids=lambda path: path.stem)
def test_a_function_file_is_small_and_begins_with_what_azure_calls_it_by(path: Path) -> None:
    source = path.read_text()
    assert len([line for line in source.splitlines() if line.strip()]) <= MAX_LINES
    assert ast.get_docstring(ast.parse(source))


def test_what_is_read_of_a_file_is_what_it_declares() -> None:
    """Azure is told what is read, and the function does what is declared."""
    for trigger in triggers():
        declared = trigger.load()
        assert declared.name == trigger.name
        match trigger, declared:
            case HttpTrigger(), Endpoint():
                assert (trigger.method, trigger.route) == (declared.method, declared.route)
            case QueueTrigger(), Consumer():
                assert trigger.queue is declared.queue
            case TimerTrigger(), Timer():
                assert trigger.schedule == declared.schedule
            case _:
                pytest.fail(f"{trigger.name} is read as something else than it declares")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "async def other(): ...",
        "async def work(): ...",
        "@schedule(EVERY_HOUR)\nasync def work(): ...",
        "@endpoint('GET', f'{ROOT}/work')\nasync def work(): ...",
        "@endpoint('GET', 'work')\nasync def other(): ...",
        "@consumer(queue)\nasync def work(): ...",
    ],
)
def test_a_file_that_does_not_say_in_plain_text_what_sets_it_off_stops_the_start(text: str, tmp_path: Path) -> None:
    file = tmp_path / "work.py"
    file.write_text(text)
    with pytest.raises(Unreadable, match="work"):
        read(file)


def test_an_endpoint_file_names_its_method_and_route() -> None:
    for one in endpoints():
        assert inspect.getdoc(inspect.getmodule(one.handler)) == f"{one.method} /api/{one.route}"


def test_no_two_endpoints_answer_one_request() -> None:
    """The host takes the first match in the order of function names, so routes must not overlap at all."""
    shapes = [(one.method, tuple("*" if p.startswith("{") else p for p in one.route.split("/"))) for one in endpoints()]
    assert len(shapes) == len(set(shapes))
    for method, shape in shapes:
        rivals = [
            other
            for verb, other in shapes
            if verb == method and other != shape and len(other) == len(shape)
            and all("*" in pair or pair[0] == pair[1] for pair in zip(shape, other, strict=True))
        ]  # fmt: skip
        assert rivals == []


def test_no_route_is_one_the_host_keeps_for_itself() -> None:
    assert not [one.route for one in endpoints() if one.route.startswith(("admin", "runtime"))]


def leaves[Kind](kind: type[Kind]) -> set[type[Kind]]:
    return {kind}.union(*(leaves(child) for child in kind.__subclasses__()))


def test_every_error_has_a_status_and_a_title_of_its_own_type() -> None:
    errors = leaves(DomainError) - {DomainError}
    assert errors >= set(STATUS)
    assert all(status_of(error) and error.title.endswith((".", "!")) for error in errors)
    assert len({type_of(error) for error in errors}) == len(errors)


def test_every_event_is_in_the_subscriptions() -> None:
    declared = {event.type for event in leaves(Event) if "type" in vars(event)}
    assert {event.type for event in SUBSCRIPTIONS} == declared


def test_statements_name_events_by_their_classes() -> None:
    """What is written by hand may be the name of no event, and then reaches nobody."""
    by_hand = {
        (path.name, name)
        for path in (ROOT / "shared").rglob("*.py")
        for name in re.findall(r"'([a-z_]+\.[a-z_]+)'", path.read_text())
        if not name.startswith("app.")  # a setting
    }
    # The platform knows no feature, and no class of one.
    assert by_hand == {("tables.py", ChangeRecorded.type)}


def test_every_queue_that_gets_something_has_a_consumer() -> None:
    subscribed = {place for places in SUBSCRIPTIONS.values() for place in places if isinstance(place, Queue)}
    fed = subscribed | {Queue.ALERTS, Queue.AUDIT, Queue.CHANGES}
    assert {one.queue for one in declarations() if isinstance(one, Consumer)} == fed


def test_the_workers_own_loader_takes_every_function(runtime: Runtime) -> None:
    """The worker drops all routes when it refuses one function, so each must pass its own checks."""
    found = index_app(build_app(runtime).get_functions(), ROOT)
    assert {one.name for one in found} == {one.name for one in declarations()} | {
        f"bury_{one.queue.value}" for one in declarations() if isinstance(one, Consumer)
    }


def test_the_document_describes_every_endpoint_and_its_refusals() -> None:
    described = json.loads(document("http://localhost/api"))
    operations = {
        operation["operationId"]: operation for path in described["paths"].values() for operation in path.values()
    }
    assert described["openapi"].startswith("3.1")
    assert set(operations) == {one.name for one in endpoints()}
    for one in endpoints():
        responses = operations[one.name]["responses"]
        assert {str(int(status_of(error))) for error in one.raises} <= set(responses)
        assert operations[one.name]["x-permission"] == one.needs.value


def test_every_reference_of_the_document_leads_somewhere() -> None:
    described = json.loads(document("http://localhost/api"))
    components = {f"#/components/{kind}/{name}" for kind, found in described["components"].items() for name in found}

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()))
        return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()

    assert references(described) <= components


async def test_every_endpoint_that_needs_someone_refuses_nobody(app: App) -> None:
    for one in endpoints():
        path = one.route.replace("{", "").replace("}", "")
        answer = await app.call(one.method, path)
        expected = 401 if isinstance(one, Endpoint) and one.needs.value != "everyone" else None
        assert expected is None or answer.status == expected, one.name
