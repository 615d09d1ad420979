"""Every check that needs no tests, the slow ones beside each other; what fails shows its output."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scripts.devstack.progress import GREEN, RED, Progress
from scripts.requirements import requirements

BIN = Path(sys.executable).parent
WORKERS = 2
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"}
ADDRESS = re.compile(r'"(https?://[^"]+)"')
RESOLVED = re.compile(r'"resolved": "(https?://[^"]+)"')


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found wrong, empty when nothing, and its time in seconds."""

    name: str
    complaint: str
    seconds: float


def tool(*command: str | Path) -> Callable[[], str]:
    """A check that a command makes: its output when it does not end with 0."""

    def run() -> str:
        ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return (ended.stdout or f"ended with {ended.returncode}") if ended.returncode else ""

    return run


def stale_requirements() -> str:
    """Whether requirements.txt is another than the lock gives."""
    fresh = Path("requirements.txt").exists() and Path("requirements.txt").read_text() == requirements()
    return "" if fresh else "requirements.txt is not what uv.lock gives: run ./scripts/lock"


def foreign_hosts() -> str:
    """The hosts besides the public registries that lock files name; a mirror's would fail everywhere else."""
    found = ADDRESS.findall(Path("uv.lock").read_text())
    listed = subprocess.run(["git", "ls-files", "*package-lock.json"], check=True, stdout=subprocess.PIPE, text=True)
    for lock in listed.stdout.splitlines():
        found += RESOLVED.findall(Path(lock).read_text())
    foreign = {host for address in found if (host := urlsplit(address).hostname) not in PUBLIC_HOSTS}
    return "".join(f"a lock file names {host}\n" for host in sorted(map(str, foreign)))


# The slowest first, so that the others fill its time.
CHECKS: Mapping[str, Callable[[], str]] = {
    "mypy": tool(BIN / "mypy"),
    "ruff format": tool(BIN / "ruff", "format", "--check", "."),
    "ruff check": tool(BIN / "ruff", "check", "."),
    "import-linter": tool(BIN / "lint-imports"),
    "deptry": tool(BIN / "deptry", "."),
    "vulture": tool(BIN / "vulture"),
    "codespell": tool(BIN / "codespell"),
    "uv.lock": tool(os.environ.get("UV", "uv"), "lock", "--check"),
    "requirements.txt": stale_requirements,
    "lock hosts": foreign_hosts,
}


def main() -> int:
    screen = Progress()
    began = time.monotonic()
    failed = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        for outcome in pool.map(_timed, CHECKS):
            failed += bool(outcome.complaint)
            mark = screen.paint(RED, "✗") if outcome.complaint else screen.paint(GREEN, "✓")
            screen.say(f"  {mark} {outcome.name:<28}{outcome.seconds:6.1f} s")
            if outcome.complaint:
                screen.say(outcome.complaint.rstrip())
    screen.say(f"{len(CHECKS) - failed} of {len(CHECKS)} checks passed in {time.monotonic() - began:.1f} s")
    return 1 if failed else 0


def _timed(name: str) -> Outcome:
    began = time.monotonic()
    try:
        complaint = CHECKS[name]()
    except subprocess.CalledProcessError as error:
        complaint = str(error)
    return Outcome(name, complaint, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
