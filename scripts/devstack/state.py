"""The files of one stack: data, logs, pidfiles and secrets, all under one directory."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_STATE = REPOSITORY / ".devstack"


@dataclass(frozen=True, slots=True)
class State:
    """A directory of mode 0700, so that what lies in it is nobody else's."""

    root: Path

    @classmethod
    def open(cls, root: Path) -> "State":
        """Makes what is missing below `root`."""
        root = root.resolve()
        state = cls(root)
        for folder in (root, state.logs, state.pidfiles, state.data):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        root.chmod(0o700)
        return state

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def pidfiles(self) -> Path:
        return self.root / "run"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def mail(self) -> Path:
        return self.data / "mail"

    @property
    def demo(self) -> Path:
        return self.root / "demo.json"

    def secret(self, name: str) -> str:
        """256 random bits as URL-safe text, made when first asked for and the same ever after."""
        path = self.root / "secrets.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if name not in known:
            known[name] = secrets.token_urlsafe(32)
            write_private(path, json.dumps(known, indent=2))
        return known[name]


def write_private(path: Path, text: str) -> None:
    """Replaces a file at once, readable by its owner only from the first byte."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123 (a path cannot open a descriptor)
        file.write(text)
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """An object from a file; empty when it is absent or not JSON, as after a power cut."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
