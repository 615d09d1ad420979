"""Azurite from npm, as the stack's storage account."""

import base64
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from scripts.devstack.ports import HOST, free_ports, is_listening
from scripts.devstack.services import Service, launch
from scripts.devstack.state import State

SCRIPT = Path(__file__).parent / "node/node_modules/azurite/dist/src/azurite.js"
ACCOUNT = "srecopilot"


def launch_azurite(
    state: State, *, ports: tuple[int, int, int] | None = None, durable: bool, options: Sequence[str | Path] = ()
) -> Service:
    """Blobs, queues and tables on 127.0.0.1, the URL a connection string; `durable` keeps data over a restart.

    `options` are more words for its command line.
    """
    node = shutil.which("node")
    if node is None or not SCRIPT.exists():
        raise RuntimeError("Azurite is missing: run `npm ci` in scripts/devstack/node, or set AzureWebJobsStorage.")
    blob, queue, table = ports or free_ports(3)
    key = base64.b64encode(hashlib.sha512(state.secret("storage").encode()).digest()).decode()
    folder = state.data / "azurite"
    folder.mkdir(mode=0o700, exist_ok=True)
    command: list[str | Path] = [node, SCRIPT, "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    for service, port in (("blob", blob), ("queue", queue), ("table", table)):
        command += [f"--{service}Host", HOST, f"--{service}Port", str(port)]
    command += ["--location", folder] if durable else ["--inMemoryPersistence"]
    command += options
    return launch(
        state,
        "azurite",
        command,
        url=connection_string(key, blob=blob, queue=queue, table=table),
        is_ready=lambda _: all(is_listening(port) for port in (blob, queue, table)),
        # Not the key everybody knows: any local program could read and forge messages with it.
        environment=os.environ | {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"},
        working_directory=folder,
    )


def connection_string(key: str, *, blob: int, queue: int, table: int) -> str:
    endpoints = "".join(
        f"{name}Endpoint=http://{HOST}:{port}/{ACCOUNT};"
        for name, port in (("Blob", blob), ("Queue", queue), ("Table", table))
    )
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};{endpoints}"
