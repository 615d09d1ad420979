from pathlib import Path

import pytest
import redis

from scripts.devstack.redis import launch_redis
from scripts.devstack.state import State


def test_durable_data_survive_a_restart(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    first = launch_redis(state, durable=True).await_ready()
    with redis.Redis.from_url(first.url) as client:
        client.set("kept", "yes")
    first.stop()

    second = launch_redis(state, durable=True).await_ready()
    with redis.Redis.from_url(second.url) as client:
        assert client.get("kept") == b"yes"
    second.stop()


def test_a_client_without_the_password_is_refused(redis_url: str) -> None:
    _, _, address = redis_url.rpartition("@")

    with redis.Redis.from_url(f"redis://{address}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_the_password_is_not_on_the_command_line(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    service = launch_redis(state, durable=False).await_ready()

    command = Path(f"/proc/{service.process.pid}/cmdline")
    words = command.read_text() if command.exists() else ""  # only Linux has it
    service.stop()

    assert state.secret("redis") not in words
