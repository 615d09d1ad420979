import base64
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.storage.queue import QueueServiceClient

from scripts.devstack.azurite import launch_azurite
from scripts.devstack.state import State

pytestmark = pytest.mark.node


def client(connection_string: str) -> QueueServiceClient:
    return QueueServiceClient.from_connection_string(connection_string, retry_total=0)


def test_a_message_survives_a_restart(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    first = launch_azurite(state, durable=True).await_ready()
    with client(first.url) as service, service.create_queue("kept") as queue:
        queue.send_message("still here")
    first.stop()

    second = launch_azurite(state, durable=True).await_ready()
    with client(second.url) as service, service.get_queue_client("kept") as queue:
        message = queue.receive_message()
    second.stop()

    assert message is not None
    assert message.content == "still here"


def test_another_key_is_refused(storage: str) -> None:
    parts = dict(part.split("=", 1) for part in storage.rstrip(";").split(";"))
    other = parts | {"AccountKey": base64.b64encode(bytes(64)).decode()}

    with (
        client(";".join(f"{name}={value}" for name, value in other.items())) as service,
        pytest.raises(ClientAuthenticationError),
    ):
        next(iter(service.list_queues()))
