"""Prometheus and AlertManager: found on PATH, or unpacked from Debian's packages, which needs no root."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts.devstack.debian_packages import PackagesMissing, unpack

PACKAGES = ("prometheus", "prometheus-alertmanager")
TEMPLATES = b"/usr/share/prometheus/alertmanager"


@dataclass(frozen=True, slots=True)
class Programs:
    """The two servers' binaries, and the folder to run them in."""

    prometheus: Path
    alertmanager: Path
    home: Path = Path("/")


class MonitoringMissing(Exception):
    """The programs are not here and cannot be fetched; the text says why."""


def find_programs(folder: Path) -> Programs:
    """The programs, fetched into `folder` when they are nowhere.

    Raises:
        MonitoringMissing: no apt on this system, or it could not download.

    """
    if installed := _installed():
        return installed
    if not _is_whole(folder):
        try:
            unpack(folder, *PACKAGES, is_whole=_is_whole, mend=_look_at_home)
        except PackagesMissing as missing:
            raise MonitoringMissing(f"Prometheus and AlertManager are not on PATH. {missing}") from None
    return _unpacked(folder)


def _installed() -> Programs | None:
    prometheus = shutil.which("prometheus")
    alertmanager = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
    return Programs(Path(prometheus), Path(alertmanager)) if prometheus and alertmanager else None


def _unpacked(folder: Path) -> Programs:
    return Programs(folder / "usr/bin/prometheus", folder / "usr/bin/prometheus-alertmanager", home=folder)


def _is_whole(folder: Path) -> bool:
    programs = _unpacked(folder)
    return programs.prometheus.exists() and programs.alertmanager.exists()


def _look_at_home(folder: Path) -> None:
    """Makes the path of the templates, which Debian builds in, one of the same length seen from the working folder."""
    program = _unpacked(folder).alertmanager
    program.write_bytes(program.read_bytes().replace(TEMPLATES, TEMPLATES[1:] + b"/"))
