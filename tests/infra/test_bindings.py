"""What functions bind is there: every queue, table, container, hub and route."""

from functions import declarations
from functions.http import Endpoint
from functions.queues import CONNECTION, Consumer
from scripts.infra_check.evaluate import Evaluation
from scripts.infra_check.template import below, members, plain, text_of, walk
from shared.platform.blob_store import AUDIT_SEALS
from shared.platform.queues import Queue, poison_of
from shared.platform.realtime import HUB
from shared.platform.table_store import API_CALLS
from tests.infra.templates import app_settings, inside, template


def storage() -> Evaluation:
    return inside("storage", "prod")


def test_every_queue_is_there_with_its_twin_for_poison() -> None:
    assert storage()["queueNames"] == [name for queue in Queue for name in (queue.value, poison_of(queue))]


def test_every_consumer_s_queue_is_there() -> None:
    bound = {one.queue.value for one in declarations() if isinstance(one, Consumer)}
    assert bound <= set(storage()["queueNames"])


def test_every_table_is_there() -> None:
    assert storage()["tableNames"] == [API_CALLS]


def test_the_containers_are_that_of_the_package_and_those_of_the_code() -> None:
    assert storage()["containerNames"] == [storage()["packageContainer"], AUDIT_SEALS]


def test_the_connection_of_the_triggers_names_each_service_and_an_identity() -> None:
    parts = {name.removeprefix(f"{CONNECTION}__") for name in app_settings() if name.startswith(f"{CONNECTION}__")}
    assert parts == {"blobServiceUri", "queueServiceUri", "tableServiceUri", "credential", "clientId"}


def test_the_hub_is_the_one_that_the_code_publishes_to() -> None:
    name = below(template("webpubsub").resources["hub"].body, "name")
    assert name is not None
    assert plain(name) == HUB


def test_web_pubsub_calls_routes_that_there_are() -> None:
    handler = inside("webPubSub", "prod")["eventHandlers"][0]
    route = handler["urlTemplate"].partition("/api/")[2]
    declared = {(one.method, one.route) for one in declarations() if isinstance(one, Endpoint)}
    assert {("POST", route), ("OPTIONS", route)} <= declared
    assert handler["systemEvents"] == ["connected", "disconnected"]


def test_the_alert_about_poison_looks_at_what_poison_queues_are_called() -> None:
    queries = [text_of(node) for node in walk(template("alerts").root) if node.type == "string"]
    assert all(poison_of(queue).endswith("-poison") for queue in Queue)
    assert any('has "-poison/messages"' in query for query in queries)


def test_the_functions_run_on_the_python_that_the_project_runs_on() -> None:
    runtime = below(template("functionapp").resources["app"].body, "properties.functionAppConfig.runtime")
    assert runtime is not None
    assert inside("functionApp", "prod").of(runtime) == {"name": "python", "version": "3.13"}
    assert set(members(runtime)) == {"name", "version"}
