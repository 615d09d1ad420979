"""A real Prometheus and AlertManager over the demo workload, posting to the product's webhook."""

import string
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scripts.devstack.demo.faster import faster
from scripts.devstack.monitoring_packages import Programs, find_programs
from scripts.devstack.ports import HOST, free_ports, is_listening
from scripts.devstack.services import Service, launch, launch_module
from scripts.devstack.stack import Stack
from scripts.devstack.state import DEFAULT_STATE, REPOSITORY, State, write_private

DEMO = Path(__file__).parent / "demo"
RULES = REPOSITORY / "infra/monitoring/rules"
PROGRAMS = DEFAULT_STATE / "monitoring"  # one download for all stacks


@dataclass(frozen=True, slots=True)
class Monitoring:
    """URLs of what watches and of what is watched."""

    prometheus: str
    alertmanager: str
    workload: str


def launch_monitoring(stack: Stack, api: str, *, ingest_token: str, metrics_token: str) -> Monitoring:
    """Starts workload, AlertManager and Prometheus and waits for them; the workload fails from the start.

    The AlertManager posts alerts with `ingest_token`; Prometheus reads the API's metrics with `metrics_token`.

    Raises:
        MonitoringMissing: the programs cannot be had here.

    """
    with stack.progress.step("Prometheus, AlertManager"):
        programs = find_programs(PROGRAMS)
    state = stack.state
    workload, prometheus, alertmanager = free_ports(3)
    values: dict[str, str | Path] = {
        "api": api,
        "host": urlsplit(api).netloc,
        "product_rules": RULES / "product.*.yml",
        "workload": f"{HOST}:{workload}",
        "alertmanager": f"{HOST}:{alertmanager}",
    }
    folders = {name: _configure(state, name, values) for name in ("prometheus", "alertmanager")}
    write_private(folders["alertmanager"] / "token", ingest_token)
    write_private(folders["prometheus"] / "metrics.token", metrics_token)
    _write_faster_rules(folders["prometheus"] / "rules")
    stack.add(_launch_workload(state, workload))
    stack.add(_launch_alertmanager(state, programs, folders["alertmanager"], alertmanager))
    stack.add(_launch_prometheus(state, programs, folders["prometheus"], prometheus))
    stack.await_ready()
    return Monitoring(_url(prometheus), _url(alertmanager), _url(workload))


def _configure(state: State, name: str, values: dict[str, str | Path]) -> Path:
    """Writes the service's configuration; the folder it lies in."""
    folder = state.data / name
    folder.mkdir(mode=0o700, exist_ok=True)
    template = string.Template((DEMO / f"{name}.yml").read_text())
    write_private(folder / f"{name}.yml", template.substitute(values))
    return folder


def _write_faster_rules(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for rules in RULES.glob("services.*.yml"):
        write_private(folder / rules.name, faster(rules.read_text()))


def _launch_workload(state: State, port: int) -> Service:
    return launch_module(state, "scripts.devstack.demo.workload", ["--port", str(port)], url=_url(port))


def _launch_prometheus(state: State, programs: Programs, folder: Path, port: int) -> Service:
    return _launch(
        state,
        "prometheus",
        port,
        programs.home,
        [programs.prometheus, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}"],
    )


def _launch_alertmanager(state: State, programs: Programs, folder: Path, port: int) -> Service:
    return _launch(
        state,
        "alertmanager",
        port,
        programs.home,
        # No gossip: it would listen on every interface.
        [
            programs.alertmanager,
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'data'}",
            "--cluster.listen-address=",
        ],
    )


def _launch(state: State, name: str, port: int, home: Path, command: list[str | Path]) -> Service:
    # The external URL appears in links; by default it is the machine's name.
    web = [f"--web.listen-address={HOST}:{port}", f"--web.external-url={_url(port)}", "--log.level=warn"]
    return launch(
        state,
        name,
        [*command, *web],
        url=_url(port),
        is_ready=lambda _: is_listening(port),
        working_directory=home,
    )


def _url(port: int) -> str:
    return f"http://{HOST}:{port}"
