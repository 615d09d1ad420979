"""schemathesis against the product over HTTP: does it answer as its own OpenAPI document says?"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.devstack import environment as env
from scripts.devstack.ports import free_port
from scripts.devstack.stack import launch_functions_host
from scripts.devstack.state import REPOSITORY, State
from scripts.proof.schemathesis_hooks import HOSTILE, TOKENS
from scripts.proof.scratch import UNHURRIED, scratch_stack, world_of
from scripts.proof.world import World
from shared.platform.settings import Settings

# All checks are on but these. The Functions host answers a method that no function has with 404, not 405.
# A schema does not say all: which version is current, which cursor was given, what a move needs, what others write.
# And of the two bodies that it does describe for senders, an item that is bad is kept as a dead letter, with 202.
_CONFIGURATION: Final = """
[checks]
unsupported_method.enabled = false
allow_header_conformance.enabled = false

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 422, 429]

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429]

[[operations]]
include-path = ["/webhooks/alerts", "/webhooks/changes"]
checks.negative_data_rejection.enabled = false
"""
_WORKERS: Final = "2"
_GRACE: Final = 60  # seconds over its time after which a run counts as stuck


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One run of schemathesis."""

    name: str
    data: str
    is_hostile: bool = False


MODES: Final = (
    Mode(name="positive", data="positive"),
    Mode(name="hostile", data="positive", is_hostile=True),
    Mode(name="negative", data="negative"),
)


@asynccontextmanager
async def _served(settings: Mapping[str, str]) -> AsyncIterator[str]:
    """Serve the product over HTTP; yields the URL of the API."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="srecopilot-") as folder:
        own = {**settings, "API_BASE_URL": env.api_url(port)}
        host = launch_functions_host(State.open(Path(folder)), own, port=port)
        try:
            yield (await asyncio.to_thread(host.await_ready)).url
        finally:
            host.stop()


async def contract(*, seconds: int) -> list[str]:
    """Serve the product on services of its own for each mode, and return what schemathesis complains of.

    Each mode has `seconds`, of which it uses all. Callers sign in anew for each, for sessions last 15 minutes.
    """
    return [wrong for mode in MODES if (wrong := await _tried(mode, seconds=seconds))]


async def _tried(mode: Mode, *, seconds: int) -> str:
    async with scratch_stack() as (addresses, state):
        settings = {**env.app_settings(addresses, port=0, secret=state.secret), **UNHURRIED}
        async with world_of(Settings.read(settings), addresses.owner_database) as world, _served(settings) as url:
            return await _complaints(world, url, mode, seconds=seconds)


async def _complaints(world: World, url: str, mode: Mode, *, seconds: int) -> str:
    credentials = {caller.name: caller.credential for caller in world.callers}
    tokens = {
        "caller": credentials["owner session"],
        "leaver": credentials["viewer session"],
        "sender": credentials["ingest token"],
    }
    with tempfile.TemporaryDirectory(prefix="srecopilot-") as folder:
        (Path(folder) / "schemathesis.toml").write_text(_CONFIGURATION)
        run = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("st"),
            *("run", f"{url}/openapi.json", "--url", url, "--mode", mode.data, "--max-time", str(seconds)),
            *("--phases", "examples,coverage,fuzzing"),
            *("--workers", _WORKERS, "--seed", "1", "--generation-database", "none", "--no-color"),
            *("--request-timeout", "30", "--continue-on-failure", "--suppress-health-check", "all"),
            cwd=folder,
            env={
                **os.environ,
                TOKENS: json.dumps(tokens),
                HOSTILE: "1" if mode.is_hostile else "",
                "SCHEMATHESIS_HOOKS": "scripts.proof.schemathesis_hooks",
                "PYTHONPATH": str(REPOSITORY),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(seconds + _GRACE):
                said, _ = await run.communicate()
        except TimeoutError:
            run.kill()
            await run.wait()
            return f"{mode.name}: not finished in {seconds + _GRACE} s"
    return f"{mode.name} data\n{said.decode()}" if run.returncode else ""
