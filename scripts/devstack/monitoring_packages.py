"""Prometheus, AlertManager and their tools: found on PATH, or unpacked from Debian's packages, which needs no root."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from scripts.devstack.debian_packages import PackagesMissing, unpack

PACKAGES = ("prometheus", "prometheus-alertmanager")
NAMES = ("prometheus", "prometheus-alertmanager", "promtool", "amtool")  # as Debian calls them, in order of `Programs`
TEMPLATES = b"/usr/share/prometheus/alertmanager"


@dataclass(frozen=True, slots=True)
class Programs:
    """The binaries of two servers and of the tools that check what they read, and the folder to run them in."""

    prometheus: Path
    alertmanager: Path
    promtool: Path
    amtool: Path
    home: Path = field(default=Path("/"), kw_only=True)


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
    alertmanager = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
    found = [shutil.which("prometheus"), alertmanager, shutil.which("promtool"), shutil.which("amtool")]
    paths = [Path(program) for program in found if program]
    return Programs(*paths) if len(paths) == len(found) else None


def _unpacked(folder: Path) -> Programs:
    return Programs(*(folder / "usr/bin" / name for name in NAMES), home=folder)


def _is_whole(folder: Path) -> bool:
    return all((folder / "usr/bin" / name).exists() for name in NAMES)


def _look_at_home(folder: Path) -> None:
    """Makes the path of the templates, which Debian builds in, one of the same length seen from the working folder."""
    program = _unpacked(folder).alertmanager
    program.write_bytes(program.read_bytes().replace(TEMPLATES, TEMPLATES[1:] + b"/"))
