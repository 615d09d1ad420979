"""One run of the stack in the foreground: up, watched, down."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.devstack import orphans
from scripts.devstack.app import AppMissing, app_url, await_app_build, launch_app, launch_app_build, launch_vite
from scripts.devstack.environment import (
    SMTP_URL,
    Addresses,
    app_settings,
    mail_settings,
    migration_settings,
    preferences,
)
from scripts.devstack.monitoring import Monitoring, launch_monitoring
from scripts.devstack.monitoring_packages import MonitoringMissing
from scripts.devstack.ports import is_free
from scripts.devstack.progress import BOLD, DIM, Progress
from scripts.devstack.services import Service, ServiceFailed, write_pidfile
from scripts.devstack.stack import Stack, launch_functions_host, launch_mail_sink, launch_migration, start_services
from scripts.devstack.state import State, write_private

if TYPE_CHECKING:
    from scripts.devstack.demo_tenant import DemoTenant

SUPERVISOR = f"{orphans.SUPERVISOR}.json"
FAILURES = (ServiceFailed, RuntimeError)


class CannotStart(RuntimeError):
    """Something outside the stack is in the way; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; `ready_descriptor` gets a byte when all is ready."""

    state: Path
    port: int
    app_port: int
    demo: bool = False
    dev: bool = False
    ready_descriptor: int | None = None


def run(options: Options, progress: Progress) -> int:
    """Runs until Ctrl-C or SIGTERM, which is 0, or until something fails, which is 1."""
    began = time.monotonic()
    state = State.open(options.state)
    stack = Stack(state, progress)
    for asked in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, signal.default_int_handler)
    try:
        with _only_one(state):
            try:
                _bring_up(stack, options, began)
                stack.watch()
            finally:
                for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(asked, signal.SIG_IGN)
                stack.stop()
                (state.pidfiles / SUPERVISOR).unlink(missing_ok=True)
    except KeyboardInterrupt:
        progress.say("\nStopped. Data stay in " + str(state.root))
        return 0
    except FAILURES as failure:
        progress.complain(f"{failure}\nAll logs: {state.logs}")
    return 1


def _bring_up(stack: Stack, options: Options, began: float) -> None:
    state, progress = stack.state, stack.progress
    for name in orphans.sweep(state):
        progress.say(f"  ended {name}, left over from an earlier run")
    write_pidfile(state.pidfiles / SUPERVISOR, os.getpid(), signal.SIGTERM)
    for option, port in {"--port": options.port, "--app-port": options.app_port}.items():
        if not is_free(port):
            raise CannotStart(f"Port {port} is taken. Free it, or choose another: ./scripts/start {option} PORT")
    build = launch_app_build(state, dev=options.dev)
    addresses = start_services(stack, os.environ, port=options.port)
    stack.add(launch_migration(state, migration_settings(addresses, secret=state.secret)), ends=True)
    if not state.demo.exists():
        stack.await_ready()  # the first time there is no schema to serve from; later the host may start beside
    mail = {} if os.environ.get(SMTP_URL) else mail_settings(stack.add(launch_mail_sink(state)))
    own = app_settings(addresses, port=options.port, secret=state.secret)
    settings = {**preferences(os.environ), **mail, **own, "APP_BASE_URL": app_url(options.app_port)}
    api = stack.add(launch_functions_host(state, settings, port=options.port))
    # Its HTTP client takes a third of a second to import, which is free while the host boots.
    from scripts.devstack.demo_tenant import ensure_demo_tenant  # noqa: PLC0415

    stack.await_ready()
    with progress.step("Demo tenant"):
        tenant = ensure_demo_tenant(state, api)
    monitoring = _monitor(stack, api, tenant, settings["METRICS_TOKEN"]) if options.demo else None
    app = _serve_app(stack, build, options, api, addresses.webpubsub)
    _write_demo(state, api, app, tenant, addresses, settings, monitoring)
    letters = f"{state.mail / 'new'}, one file each" if mail else "goes out by SMTP_URL"
    _announce(progress, api, app, tenant, letters, monitoring, time.monotonic() - began)
    if options.ready_descriptor is not None:
        os.write(options.ready_descriptor, b"1")
        os.close(options.ready_descriptor)


def _serve_app(stack: Stack, build: Service, options: Options, api: str, webpubsub: str) -> str | None:
    """Where the app is; none where it cannot be built, which is said."""
    try:
        with stack.progress.step("App"):
            await_app_build(build)
    except AppMissing as missing:
        stack.progress.say(f"  {missing}\n  Everything else runs; the API is complete without it.")
        return None
    serve = partial(launch_vite, stack.state, api) if options.dev else partial(launch_app, stack.state, api, webpubsub)
    app = stack.add(serve(port=options.app_port))
    stack.await_ready()
    return app


def _monitor(stack: Stack, api: str, tenant: "DemoTenant", metrics_token: str) -> Monitoring | None:
    """Real monitoring, which the tenant asks for evidence; where it cannot be had, one captured notification."""
    from scripts.devstack.demo_tenant import ensure_prometheus  # noqa: PLC0415 - as above

    try:
        found = launch_monitoring(stack, api, ingest_token=tenant.ingest_token, metrics_token=metrics_token)
    except MonitoringMissing as missing:
        stack.progress.say(f"  {missing}\n  A captured notification is posted instead.")
        from scripts.devstack.demo.replay import replay  # noqa: PLC0415 - as above

        replay(api, tenant.ingest_token, "firing", began=datetime.now(UTC))
        return None
    ensure_prometheus(api, tenant, found.prometheus)
    return found


@contextmanager
def _only_one(state: State) -> Iterator[None]:
    """Holds the state directory for this process; the kernel lets go however it ends.

    Raises:
        CannotStart: another one holds it.

    """
    with (state.root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"A stack already runs on {state.root}: ./scripts/stop ends it.") from None
        yield


def _write_demo(
    state: State,
    api: str,
    app: str | None,
    tenant: "DemoTenant",
    addresses: Addresses,
    settings: Mapping[str, str],
    monitoring: Monitoring | None,
) -> None:
    """What scripts and tests need to use the running stack."""
    demo = {
        "api": api,
        "app": app,
        **asdict(tenant),
        "database_url": settings["DATABASE_URL"],
        "system_database_url": settings["SYSTEM_DATABASE_URL"],
        "owner_database_url": addresses.owner_database,
        "redis_url": addresses.redis,
        "storage": addresses.storage,
        "webpubsub": addresses.webpubsub,
        "metrics_token": settings["METRICS_TOKEN"],
        "monitoring": asdict(monitoring) if monitoring else None,
    }
    write_private(state.demo, json.dumps(demo, indent=2))


def _announce(
    progress: Progress,
    api: str,
    app: str | None,
    tenant: "DemoTenant",
    letters: str,
    monitoring: Monitoring | None,
    seconds: float,
) -> None:
    from scripts.devstack.demo_tenant import curl_list_incidents, curl_post_alert  # noqa: PLC0415 - as above

    rows = {
        "App": app or "not built",
        "API": api,
        "API pages": f"{api}/docs",
        "Sign in": f"{tenant.email}  password {tenant.password}",
        "E-mail": letters,
    }
    if monitoring:
        rows |= {"Prometheus": monitoring.prometheus, "AlertManager": monitoring.alertmanager}
    progress.say(f"\n{progress.paint(BOLD, 'SRE Copilot is ready')} {progress.paint(DIM, f'in {seconds:.1f} s')}\n")
    for title, value in rows.items():
        progress.say(f"  {title:<14}{value}")
    progress.say("\nPost an alert:\n")
    progress.say(curl_post_alert(api, tenant, datetime.now(UTC)))
    progress.say("\nSee the incident:\n")
    progress.say(curl_list_incidents(api, tenant))
    if monitoring:
        progress.say("\nMake the workload fail, and heal it:  ./scripts/demo fail   ./scripts/demo heal")
    progress.say("\nCtrl-C or ./scripts/stop ends everything; data stay.\n")
