"""The whole local stack, durable and of its own, with a link before every part, and ways to strike each one."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
from pydantic import SecretStr

from infra.migrations.roles import APP, SYSTEM
from scripts.devstack import environment as env
from scripts.devstack.azurite import launch_azurite
from scripts.devstack.ports import HOST, free_ports
from scripts.devstack.postgres import launch_postgres
from scripts.devstack.redis import launch_redis
from scripts.devstack.services import Service, ServiceFailed, launch, launch_module
from scripts.devstack.stack import launch_webpubsub
from scripts.devstack.state import REPOSITORY, State
from scripts.migrate import migrate, provision_storage
from scripts.proof.chaos.blows import HOSTS, Blow, Kind, Part
from scripts.proof.chaos.host import HURRY, TRAP
from scripts.proof.chaos.links import Link, Snare, linked
from shared.platform.settings import StorageAccess

_UP: Final = 60.0  # seconds that a part may take to come up
_POLL: Final = 0.05
_LOOKS: Final = 20.0  # seconds until a crash point that nobody passes is given up
_LATE: Final = 0.1  # seconds by which a slow link delays each piece
_LAST_WORDS: Final = 10.0  # seconds that the children of a killed server get to notice
MODEL_DEADLINE: Final = 10  # seconds
_LEASE: Final = 60  # seconds
_HURRIED_LEASE: Final = 8  # seconds
_SNARES: Final = {Kind.CUT_COMMIT_REQUEST: Snare.REQUEST, Kind.CUT_COMMIT_REPLY: Snare.REPLY}


@dataclass(slots=True, kw_only=True)
class Stage:
    """The running parts. Urls in `addresses` and `api` lead through the links; `owner` and `storage` do not."""

    state: State
    hurries: bool
    owner: str = ""
    storage: str = ""
    services: dict[Part, Service] = field(default_factory=dict)
    links: dict[Part, list[Link]] = field(default_factory=dict)
    _again: dict[Part, Callable[[], Service]] = field(default_factory=dict)

    @property
    def journal(self) -> Path:
        """Where the model's server notes its calls."""
        return self.state.data / "model.jsonl"

    @property
    def lease(self) -> int:
        """For how many seconds the hosts hide a message that they work on; ten minutes in Azure."""
        return _HURRIED_LEASE if self.hurries else _LEASE

    @property
    def published(self) -> set[str]:
        """Ids of the events that Web PubSub has taken."""
        return self.links[Part.WEBPUBSUB][0].published or set()

    @property
    def apis(self) -> Mapping[Part, str]:
        """Addresses of the hosts, through their links."""
        return {host: env.api_url(self.links[host][0].port) for host in HOSTS}

    async def strike(self, blow: Blow) -> bool:
        """Strike, and wait until all is up again; says whether there was anything to strike."""
        match blow.kind:
            case Kind.CRASH:
                return await self._crash(blow)
            case Kind.KILL | Kind.END:
                for part in blow.parts:
                    await (self._kill(part) if blow.kind is Kind.KILL else self._end(part))
                await asyncio.sleep(blow.seconds)
                await asyncio.gather(*(self._start(part) for part in blow.parts))
            case Kind.STOP:
                await self._stop(blow)
            case Kind.CUT | Kind.SLOW:
                await self._disturb(blow)
            case Kind.CUT_COMMIT_REQUEST | Kind.CUT_COMMIT_REPLY:
                (link,) = self.links[Part.POSTGRES]
                link.snare = _SNARES[blow.kind]
                return await _until(lambda: link.snare is None, _LOOKS)
        return True

    async def _crash(self, blow: Blow) -> bool:
        host, *away = blow.parts
        trap = self._trap(host)
        trap.write_text(blow.point)
        async with AsyncExitStack() as disturbed:
            for part in away:
                for link in self.links[part]:
                    await disturbed.enter_async_context(link.away())
            has_died = await _until(lambda: self.services[host].process.poll() is not None, _LOOKS)
        trap.unlink(missing_ok=True)
        if has_died or self.services[host].process.poll() is not None:
            await self._start(host)
        return has_died

    async def _kill(self, part: Part) -> None:
        process = self.services[part].process
        family = _family(process.pid)
        process.kill()
        await asyncio.to_thread(process.wait)
        # PostgreSQL's children notice by themselves; until then they keep the next server from starting.
        _, left = await asyncio.to_thread(psutil.wait_procs, family, _LAST_WORDS)
        for each in left:
            with suppress(psutil.NoSuchProcess):
                each.kill()

    async def _end(self, part: Part) -> None:
        await asyncio.to_thread(self.services[part].stop)

    async def _start(self, part: Part) -> None:
        """Start a part anew, on its own data and port. Raises `ServiceFailed`."""
        service = self.services[part] = self._again[part]()
        if not await _until(service.is_up, _UP):
            raise ServiceFailed(service.name, f"was not ready in {_UP:.0f} s", service.log)

    async def _stop(self, blow: Blow) -> None:
        family = [
            process
            for part in blow.parts
            for process in (psutil.Process(self.services[part].process.pid), *_family(self.services[part].process.pid))
        ]
        _signal(family, signal.SIGSTOP)
        try:
            await asyncio.sleep(blow.seconds)
        finally:
            _signal(family, signal.SIGCONT)

    async def _disturb(self, blow: Blow) -> None:
        async with AsyncExitStack() as disturbed:
            for link in (link for part in blow.parts for link in self.links[part]):
                await disturbed.enter_async_context(link.away() if blow.kind is Kind.CUT else link.slowed(_LATE))
            await asyncio.sleep(blow.seconds)

    def _trap(self, host: Part) -> Path:
        return self.state.data / f"{host}.trap"

    def through(self, url: str) -> str:
        """Return an address with the ports of links in the place of those behind them."""
        ports = {str(link.target): str(link.port) for links in self.links.values() for link in links}
        return re.sub(r"(?<=127\.0\.0\.1:)\d+", lambda port: ports.get(port[0], port[0]), url)

    def launch_host(self, part: Part, port: int, settings: Mapping[str, str]) -> Service:
        """Start a Functions host with a trap."""
        words: list[str | Path] = ["--app", REPOSITORY, "--port", str(port), "--state", self.state.data / part]
        hurry = {"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:03", HURRY: "1"}
        return launch(
            self.state,
            part,
            [sys.executable, "-m", "scripts.proof.chaos.host", *words, "--queue-lease", str(self.lease)],
            url=env.api_url(port),
            environment={
                **os.environ,
                **settings,
                **(hurry if self.hurries else {}),
                TRAP: str(self._trap(part)),
                "PYTHONUNBUFFERED": "1",
            },
            working_directory=REPOSITORY,
        )

    def know(self, part: Part, again: Callable[[], Service]) -> Service:
        """Start a part for the first time, and remember how."""
        self._again[part] = again
        self.services[part] = again()
        return self.services[part]


@asynccontextmanager
async def staged(*, hurries: bool) -> AsyncIterator[Stage]:
    """Start everything, and leave nothing behind. From the main thread, for children die with theirs."""
    async with AsyncExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix="srecopilot-", ignore_cleanup_errors=True))
        stage = Stage(state=State.open(Path(folder)), hurries=hurries)
        running.callback(_end_all, stage)
        await _start_services(stage, running)
        yield stage


async def _start_services(stage: Stage, running: AsyncExitStack) -> None:
    state, secret = stage.state, stage.state.secret

    async def link(part: Part, *ports: int) -> None:
        publishes = part is Part.WEBPUBSUB
        stage.links[part] = [await running.enter_async_context(linked(port, publishes=publishes)) for port in ports]

    blob, queue, table, postgres, redis, webpubsub, model, *hosts = free_ports(9)
    await link(Part.AZURITE, blob, queue, table)
    await link(Part.POSTGRES, postgres)
    await link(Part.REDIS, redis)
    await link(Part.WEBPUBSUB, webpubsub)
    await link(Part.MODEL, model)
    for host, port in zip(HOSTS, hosts, strict=True):
        await link(host, port)
    stage.know(Part.AZURITE, lambda: launch_azurite(state, ports=(blob, queue, table), durable=True))
    cache = stage.know(Part.REDIS, lambda: launch_redis(state, port=redis, durable=True)).url
    events = f"{stage.apis[HOSTS[0]]}/realtime/events"
    stage.know(Part.WEBPUBSUB, lambda: launch_webpubsub(state, stage.through(cache), events=events, port=webpubsub))
    words: list[str | Path] = ["--port", str(model), "--journal", stage.journal]
    stage.know(Part.MODEL, lambda: launch_module(state, "scripts.proof.chaos.model", words, url=""))
    stage.know(Part.POSTGRES, lambda: launch_postgres(state, port=postgres, durable=True))
    await _up(stage.services.values())
    stage.owner, stage.storage = stage.services[Part.POSTGRES].url, stage.services[Part.AZURITE].url
    await asyncio.to_thread(migrate, stage.owner, {role: secret(role) for role in (APP, SYSTEM)})
    await provision_storage(StorageAccess(connection_string=SecretStr(stage.storage)))
    addresses = env.Addresses(
        owner_database=stage.through(stage.owner),
        redis=stage.through(cache),
        storage=stage.through(stage.storage),
        webpubsub=stage.through(stage.services[Part.WEBPUBSUB].url),
    )
    settings = {
        **env.app_settings(addresses, port=hosts[0], secret=secret),
        "RATE_LIMIT_PER_MINUTE": "1000000",
        "TENANT_RATE_LIMIT_PER_MINUTE": "1000000",
        "AI_MONTHLY_BUDGET_USD": "100000",
        "MODEL_BASE_URL": f"http://{HOST}:{stage.links[Part.MODEL][0].port}/v1",
        "MODEL_DEPLOYMENT": "gpt-4o-mini",
        "MODEL_API_KEY": secret("model"),
        "MODEL_DEADLINE_SECONDS": str(MODEL_DEADLINE),
    }
    for host, port in zip(HOSTS, hosts, strict=True):
        stage.know(host, lambda host=host, port=port: stage.launch_host(host, port, settings))  # type: ignore[misc]  # bound now
    await _up(stage.services[host] for host in HOSTS)


async def _up(services: Iterable[Service]) -> None:
    for service in services:
        if not await _until(service.is_up, _UP):
            raise ServiceFailed(service.name, f"was not ready in {_UP:.0f} s", service.log)


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, no longer than that; says whether it came true."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - a process has nothing to await
                await asyncio.sleep(_POLL)
            return True
    return False


def _end_all(stage: Stage) -> None:
    for service in reversed(stage.services.values()):
        service.stop()


def _family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def _signal(processes: Iterable[psutil.Process], sent: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(sent)
