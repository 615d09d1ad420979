"""Programs out of Debian's packages, unpacked into a folder of ours: it needs no root."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

APT_TIMEOUT = 300  # seconds


class PackagesMissing(Exception):
    """They cannot be had here; the text says why."""


def unpack(
    folder: Path,
    *packages: str,
    is_whole: Callable[[Path], bool],
    mend: Callable[[Path], None] = lambda _: None,
    dependencies: bool = False,
) -> None:
    """Fills `folder` with what packages hold, as from the root of a system; not at all when it cannot be whole.

    With `dependencies` also with what they need and the system does not have. `mend` is done before anybody can use it.

    Raises:
        PackagesMissing: no apt on this system, it could not download, or `is_whole` says no of what it downloaded.

    """
    named = " and ".join(packages)
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise PackagesMissing(f"There is no apt to fetch {named} with.")
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        _Apt(fresh).fill(packages, dependencies=dependencies)
        if not is_whole(fresh):
            raise PackagesMissing(f"Debian's packages {named} do not hold what is wanted of them.")
        mend(fresh)
        if not is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another start was faster, and its programs are as good
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


class _Apt:
    """apt with its cache in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / "apt" / part).mkdir(parents=True)
        self._cache = ("-o", f"Dir::Cache={folder}/apt/cache", "-o", "Debug::NoLocking=true")
        self._lists = ("-o", f"Dir::State::lists={folder}/apt/lists")

    def fill(self, packages: tuple[str, ...], *, dependencies: bool) -> None:
        """Downloads packages and unpacks them. Raises `PackagesMissing`."""
        # Ours alone, or also what they need and the system lacks.
        words = ("install", "--download-only", "--yes", "--no-install-recommends") if dependencies else ("download",)
        if not self._run(*words, *packages):
            # The system's package lists are empty or old: keep lists of our own.
            fetched = self._run(*self._lists, "update") and self._run(*self._lists, *words, *packages)
            if not fetched:
                log = (self._folder / "apt.log").read_text()[-500:]
                raise PackagesMissing(f"apt-get could not download {' and '.join(packages)}:\n{log}")
        archives = self._folder / "apt/cache/archives"
        for package in (*self._folder.glob("*.deb"), *archives.glob("*.deb")):
            subprocess.run(["dpkg", "-x", package, self._folder], check=True)
        shutil.rmtree(self._folder / "apt")
        for package in self._folder.glob("*.deb"):
            package.unlink()

    def _run(self, *words: str) -> bool:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
        with (self._folder / "apt.log").open("ab") as log:
            try:
                ended = subprocess.run(
                    ["apt-get", "-q", *self._cache, *words],
                    check=False,
                    cwd=self._folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    timeout=APT_TIMEOUT,
                )
            except subprocess.TimeoutExpired:
                return False
        return ended.returncode == 0
