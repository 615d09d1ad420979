"""A Chromium to drive: named by SRE_CHROMIUM, found on PATH, or unpacked from Debian packages, which needs no root."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.devstack.debian_packages import PackagesMissing, unpack

VARIABLE = "SRE_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As root it has no sandbox; the rest keeps it from talking to anybody but us.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
PACKAGES = ("chromium", "fonts-dejavu-core")
PROGRAM = "usr/lib/chromium/chromium"


@dataclass(frozen=True, slots=True)
class Chromium:
    """The program, and the environment that it runs in."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


class ChromiumMissing(Exception):
    """There is none, and none can be fetched; the text says why."""


def find_chromium(folder: Path) -> Chromium:
    """A Chromium, fetched into `folder` when there is none.

    Raises:
        ChromiumMissing: no apt on this system, or it could not download.

    """
    named = os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, NAMES)), None)
    if named:
        return Chromium(Path(named))
    if not _is_whole(folder):
        try:
            unpack(folder, *PACKAGES, is_whole=_is_whole, dependencies=True)
        except PackagesMissing as missing:
            raise ChromiumMissing(f"There is no Chromium: install one, or name it with {VARIABLE}. {missing}") from None
    return Chromium(folder / PROGRAM, os.environ | _home(folder))


def _is_whole(folder: Path) -> bool:
    return (folder / PROGRAM).exists()


def _home(folder: Path) -> dict[str, str]:
    """Where a program that was unpacked, not installed, finds its libraries and fonts."""
    libraries = [
        place for found in sorted(folder.glob("usr/lib/*-linux-gnu")) for place in (found, found / "pulseaudio")
    ]
    return {
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "XDG_DATA_HOME": str(folder / "usr/share"),
        # Where the system has fonts of its own, it knows better.
        **({} if Path("/etc/fonts").exists() else {"FONTCONFIG_PATH": str(folder / "etc/fonts")}),
    }
