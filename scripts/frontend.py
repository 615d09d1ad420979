"""The browser's part from outside: its packages, its checks, its build, and what it knows of the API.

`python -m scripts.frontend install|build|openapi|test`
"""

import argparse
import fcntl
import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parents[1] / "frontend"
DOCUMENT: Final = FOLDER / "openapi.json"
TYPES: Final = FOLDER / "src/api/schema.d.ts"
PACKAGES: Final = FOLDER / "node_modules"
BUILT: Final = FOLDER / "dist"
SOURCES: Final = ("src", "public", "scripts", "index.html", "package.json", "package-lock.json", "vite.config.ts")
BIN: Final = Path("node_modules/.bin")
BASE_URL: Final = "/api"


class FrontendFailed(RuntimeError):
    """A command of the browser's part failed; the text is what it said."""


def run(*command: str | Path) -> str:
    """The standard output of a command in the folder. Raises `FrontendFailed`."""
    words = [str(word) for word in command]
    try:
        ended = subprocess.run(words, cwd=FOLDER, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise FrontendFailed(f"{words[0]} is not there: install Node 20.19 or later.") from None
    if ended.returncode:
        said = f"{ended.stdout}{ended.stderr}".strip()
        raise FrontendFailed(said or f"{shlex.join(words)} ended with {ended.returncode}")
    return ended.stdout


def is_installed() -> bool:
    """Whether the packages are those of the lock file."""
    stamp = PACKAGES / ".installed"
    return stamp.exists() and stamp.read_text() == _digest("package-lock.json", ".npmrc")


def install() -> None:
    """Makes the packages those of the lock file. Raises `FrontendFailed`."""
    if is_installed():
        return
    npm = shlex.split(os.environ.get("NPM", "npm"))
    run(*npm, "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
    (PACKAGES / ".installed").write_text(_digest("package-lock.json", ".npmrc"))


def build() -> None:
    """Builds what is served, unless it is there and of these very sources. Raises `FrontendFailed`."""
    with _alone():
        stamp = BUILT / ".built"
        now = _digest(*SOURCES)
        if stamp.exists() and stamp.read_text() == now:
            return
        install()
        print(run(BIN / "vite", "build"))
        print(run("node", "scripts/budget.mjs"))
        stamp.write_text(now)


def app_document() -> str:
    """The API as the app needs it: calls and what they answer when they succeed; errors all have one shape."""
    # The whole product is imported for it, which nobody should wait for who only wants to know where the app lies.
    from functions.openapi import document  # noqa: PLC0415

    described: dict[str, Any] = json.loads(document(BASE_URL))
    for path in described["paths"].values():
        for operation in path.values():
            answers = operation["responses"].items()
            operation["responses"] = {status: _bare(answer) for status, answer in answers if status.startswith("2")}
    del described["components"]["headers"]
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


def generated_types() -> str:
    """The TypeScript of the document. Raises `FrontendFailed`."""
    # Answers say themselves that a field is always there; what is sent may leave out whatever has a default.
    return run(BIN / "openapi-typescript", DOCUMENT.name, "--default-non-nullable=false")


def write_openapi() -> None:
    """Writes the document and its types. Raises `FrontendFailed`."""
    DOCUMENT.write_text(app_document())
    install()
    TYPES.write_text(generated_types())


def stale_document() -> str:
    """Whether the committed document is another than the declarations give."""
    fresh = DOCUMENT.exists() and DOCUMENT.read_text() == app_document()
    return "" if fresh else f"{DOCUMENT.relative_to(FOLDER.parent)} is not what the API is: run ./scripts/openapi"


def stale_types() -> str:
    """Whether the committed types are others than the document gives. Raises `FrontendFailed`."""
    fresh = TYPES.exists() and TYPES.read_text() == generated_types()
    return "" if fresh else f"{TYPES.relative_to(FOLDER.parent)} is not what the document gives: run ./scripts/openapi"


def _bare(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "headers"}


def _digest(*names: str) -> str:
    """The contents of files, and of all files in folders."""
    found = hashlib.sha256()
    for name in names:
        top = FOLDER / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file():
                found.update(f"{path.relative_to(FOLDER)}\0".encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Two stacks that start at once build one after the other."""
    with (FOLDER / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


COMMANDS: Final[dict[str, Callable[[], None]]] = {
    "install": install,
    "build": build,
    "openapi": write_openapi,
    "test": lambda: print(run(BIN / "vitest", "run")),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.frontend", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    try:
        COMMANDS[parser.parse_args(arguments).command]()
    except FrontendFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
