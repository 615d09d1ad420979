"""Every check that needs no tests, the slow ones beside each other; what fails shows its output."""

import argparse
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

from scripts import frontend
from scripts.devstack.progress import DIM, GREEN, RED, Progress
from scripts.requirements import requirements

BIN = Path(sys.executable).parent
WORKERS = 2
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"}
ADDRESS = re.compile(r'"(https?://[^"]+)"')
RESOLVED = re.compile(r'"resolved": "(https?://[^"]+)"')


class Skipped(Exception):
    """A check that cannot run here; the text says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found wrong, empty when nothing, why it did not run, and its time in seconds."""

    name: str
    complaint: str
    seconds: float
    skipped: str = ""


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


def app_check(check: Callable[[], str]) -> Callable[[], str]:
    """A check that needs the app's packages, which only what builds or tests the app installs."""

    def run() -> str:
        if not frontend.is_installed():
            raise Skipped("the app's packages are not installed: ./scripts/openapi and ./scripts/test do it")
        try:
            return check()
        except frontend.FrontendFailed as failure:
            return str(failure)

    return run


def app_tool(*command: str | Path) -> Callable[[], str]:
    """A check that a command of the app's packages makes."""

    def run() -> str:
        frontend.run(*command)
        return ""

    return app_check(run)


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
    "app: openapi.json": frontend.stale_document,
    "app: schema.d.ts": app_check(frontend.stale_types),
    "app: tsc": app_tool(frontend.BIN / "tsc"),
    "app: biome": app_tool(frontend.BIN / "biome", "check", "--error-on-warnings"),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/check", description=__doc__)
    parser.add_argument("--require-all", action="store_true", help="a check that cannot run here is a failure")
    require_all = parser.parse_args(arguments).require_all
    screen = Progress()
    began = time.monotonic()
    passed = failed = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        for outcome in pool.map(_timed, CHECKS):
            complaint = outcome.complaint or (outcome.skipped if require_all else "")
            failed += bool(complaint)
            passed += not complaint and not outcome.skipped
            mark = screen.paint(RED, "✗") if complaint else screen.paint(GREEN, "✓")
            if outcome.skipped and not complaint:
                screen.say(f"  {screen.paint(DIM, '-')} {outcome.name:<28}skipped: {outcome.skipped}")
                continue
            screen.say(f"  {mark} {outcome.name:<28}{outcome.seconds:6.1f} s")
            if complaint:
                screen.say(complaint.rstrip())
    screen.say(f"{passed} of {len(CHECKS)} checks passed in {time.monotonic() - began:.1f} s")
    return 1 if failed else 0


def _timed(name: str) -> Outcome:
    began = time.monotonic()
    try:
        complaint = CHECKS[name]()
    except Skipped as reason:
        return Outcome(name, "", time.monotonic() - began, skipped=str(reason))
    except subprocess.CalledProcessError as error:
        complaint = str(error)
    return Outcome(name, complaint, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
