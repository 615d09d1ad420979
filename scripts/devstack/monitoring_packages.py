"""Prometheus and AlertManager: found on PATH, or unpacked from Debian's packages, which needs no root."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("prometheus", "prometheus-alertmanager")
TEMPLATES = b"/usr/share/prometheus/alertmanager"
APT_TIMEOUT = 120  # seconds


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
    found = _installed() or _unpacked(folder)
    if found:
        return found
    _fetch(folder)
    fetched = _unpacked(folder)
    if not fetched:
        raise MonitoringMissing(f"Debian's packages {' and '.join(PACKAGES)} hold no such programs.")
    return fetched


def _installed() -> Programs | None:
    prometheus = shutil.which("prometheus")
    alertmanager = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
    return Programs(Path(prometheus), Path(alertmanager)) if prometheus and alertmanager else None


def _unpacked(folder: Path) -> Programs | None:
    programs = Programs(folder / "usr/bin/prometheus", folder / "usr/bin/prometheus-alertmanager", home=folder)
    return programs if programs.prometheus.exists() and programs.alertmanager.exists() else None


def _fetch(folder: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise MonitoringMissing("Prometheus and AlertManager are not on PATH, and there is no apt to fetch them.")
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        _unpack_into(fresh)
        if not _unpacked(folder):
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another start was faster, and its programs are as good
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _unpack_into(folder: Path) -> None:
    private = _private_lists(folder)
    if not _apt(folder, "download", *PACKAGES):
        # The system's package lists are empty or old: keep lists of our own.
        fetched = _apt(folder, *private, "update") and _apt(folder, *private, "download", *PACKAGES)
        if not fetched:
            log = (folder / "apt.log").read_text()[-500:]
            raise MonitoringMissing(f"apt-get could not download {' and '.join(PACKAGES)}:\n{log}")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, folder], check=True)
        package.unlink()
    _look_at_home(folder / "usr/bin/prometheus-alertmanager")


def _look_at_home(program: Path) -> None:
    """Makes the path of the templates, which Debian builds in, one of the same length seen from the working folder."""
    program.write_bytes(program.read_bytes().replace(TEMPLATES, TEMPLATES[1:] + b"/"))


def _private_lists(folder: Path) -> tuple[str, ...]:
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / "apt" / part).mkdir(parents=True, exist_ok=True)
    return ("-o", f"Dir::State::lists={folder}/apt/lists", "-o", f"Dir::Cache={folder}/apt/cache")


def _apt(folder: Path, *words: str) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    with (folder / "apt.log").open("ab") as log:
        try:
            ended = subprocess.run(
                ["apt-get", "-q", *words],
                check=False,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=APT_TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            return False
    return ended.returncode == 0
