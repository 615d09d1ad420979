"""Function access keys, checked only with `--enable-auth`; like Core Tools, the host is open otherwise."""

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel


class Keys(BaseModel, frozen=True):
    """The master key opens everything, the host key every function, a function's key that function."""

    master: str
    host: str
    functions: dict[str, str]

    @classmethod
    def at(cls, path: Path, functions: Iterable[str]) -> Self:
        """Read the keys kept at `path`, with new ones for functions that have none, and keep them."""
        kept = json.loads(path.read_text()) if path.exists() else {}
        found = cls(
            master=kept.get("master") or _fresh(),
            host=kept.get("host") or _fresh(),
            functions={name: kept.get("functions", {}).get(name) or _fresh() for name in functions},
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(found.model_dump_json(indent=2))
        return found

    def admits(self, level: str, function: str, presented: str) -> bool:
        """Whether `presented` opens `function`, whose binding asks for `level`."""
        match level.lower():
            case "anonymous":
                return True
            case "admin":
                return self.is_master(presented)
        return self.is_master(presented) or any(
            _same(presented, key) for key in (self.host, self.functions.get(function, "")) if key
        )

    def is_master(self, presented: str) -> bool:
        return _same(presented, self.master)


def presented_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The header wins over the query, even when it is wrong; empty when there is neither."""
    return headers.get("x-functions-key", query.get("code", ""))


def _same(presented: str, key: str) -> bool:
    return hmac.compare_digest(presented.encode(), key.encode())


def _fresh() -> str:
    return secrets.token_urlsafe(40)
