"""A real AlertManager that is told to be silent, and that forgets: what fired here closes."""

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.devstack.monitoring import PROGRAMS
from scripts.devstack.monitoring_packages import MonitoringMissing, Programs, find_programs
from scripts.devstack.ports import free_port, is_listening
from shared.alerts.presence import MISSING_LONG_ENOUGH
from tests.fixtures import App, StoppedClock, Tenant

pytestmark = pytest.mark.monitoring

LABELS = {"alertname": "Down", "service": "shop", "severity": "page"}
CONFIGURATION = "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n"


def awaited(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@dataclass
class AlertManager:
    programs: Programs
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        (self.folder / "alertmanager.yml").write_text(CONFIGURATION)
        command = [
            str(self.programs.alertmanager),
            f"--config.file={self.folder / 'alertmanager.yml'}",
            f"--storage.path={self.folder / 'data'}",
            "--cluster.listen-address=",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--web.external-url={self.url}",
            "--log.level=error",
        ]
        self.process = subprocess.Popen(command, cwd=self.programs.home, stderr=subprocess.DEVNULL)
        awaited(lambda: is_listening(self.port))

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def fire(self, began: datetime) -> None:
        ends = datetime.now(UTC) + timedelta(hours=1)
        alert = {"labels": LABELS, "startsAt": began.isoformat(), "endsAt": ends.isoformat()}
        httpx.post(f"{self.url}/api/v2/alerts", json=[alert]).raise_for_status()
        awaited(lambda: bool(self.alerts()))

    def alerts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/api/v2/alerts").raise_for_status().json()
        return found

    def silence(self) -> str:
        now = datetime.now(UTC)
        body = {
            "matchers": [{"name": "alertname", "value": "Down", "isRegex": False, "isEqual": True}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "createdBy": "a test",
            "comment": "quiet",
        }
        made = httpx.post(f"{self.url}/api/v2/silences", json=body).raise_for_status().json()
        awaited(self.is_silenced)
        return str(made["silenceID"])

    def end_silence(self, silence_id: str) -> None:
        httpx.delete(f"{self.url}/api/v2/silence/{silence_id}").raise_for_status()
        awaited(lambda: not self.is_silenced())

    def is_silenced(self) -> bool:
        return bool(self.alerts()[0]["status"]["silencedBy"])


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[AlertManager]:
    try:
        programs = find_programs(PROGRAMS)
    except MonitoringMissing as error:
        pytest.skip(str(error))
    service = AlertManager(programs, tmp_path, free_port())
    service.start()
    yield service
    service.stop()


async def look(app: App, tenant: Tenant) -> str:
    """Compare, let the machine move, and return the only incident's state."""
    await app.tick("reconcile_alerts")
    await app.carry()
    (incident,) = (await app.call("GET", "incidents", token=tenant.token)).json["items"]
    return str(incident["state"])


async def test_silenced_and_forgotten_alerts_close(
    app: App, tenant: Tenant, clock: StoppedClock, alertmanager: AlertManager
) -> None:
    began = clock.now() - timedelta(minutes=1)
    alertmanager.fire(began)
    path = f"integrations/{tenant.integration_id}"
    await app.call("PATCH", path, {"base_url": alertmanager.url}, token=tenant.token)
    sent = {"status": "firing", "labels": LABELS, "startsAt": began.isoformat()}
    await app.call("POST", "webhooks/alertmanager", {"alerts": [sent]}, token=tenant.ingest_token)
    assert await look(app, tenant) == "detected"

    silence = alertmanager.silence()
    assert await look(app, tenant) == "mitigated"
    alertmanager.end_silence(silence)
    assert await look(app, tenant) == "investigating"

    alertmanager.stop()
    assert await look(app, tenant) == "investigating"
    alertmanager.start()  # and knows of nothing: whoever posted the alert does not repeat it
    assert await look(app, tenant) == "investigating"
    clock.advance(seconds=MISSING_LONG_ENOUGH.total_seconds())
    assert await look(app, tenant) == "mitigated"
