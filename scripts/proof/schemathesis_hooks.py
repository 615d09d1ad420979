"""What schemathesis is told of the product: who calls, and which values break others."""

import json
import os
from collections.abc import Mapping
from random import Random
from typing import Any, Final
from urllib.parse import urlencode

import schemathesis

from scripts.proof.hostile import corpus

TOKENS: Final = "SCHEMATHESIS_TOKENS"
"""The variable with the credentials as JSON: `caller`, `sender` of alerts, and `leaver`, whose session may end."""
HOSTILE: Final = "SCHEMATHESIS_HOSTILE"
"""The variable that, when set, puts a value of the corpus into every body that has room for one."""

_MAX_URL: Final = 8_000  # bytes; a host refuses a request line of over 8 KiB
_ENDS_ITS_SESSION: Final = {"logout"}


@schemathesis.auth(refresh_interval=None)
class Callers:
    """Gives each operation a credential that it admits."""

    def get(self, case: schemathesis.Case[Any], _context: Any) -> str:
        tokens: Mapping[str, str] = json.loads(os.environ[TOKENS])
        declared = case.operation.definition.raw
        if declared["x-permission"] == "alert:ingest":
            return tokens["sender"]
        return tokens["leaver" if declared["operationId"] in _ENDS_ITS_SESSION else "caller"]

    def set(self, case: schemathesis.Case[Any], token: str, _context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def filter_case(context: Any, case: schemathesis.Case[Any]) -> bool:  # noqa: ARG001 - found by their names
    """Leave out what the Functions host settles alone: it drops empty query values and refuses long URLs."""
    query = case.query or {}
    is_short = len(case.formatted_path) + len(urlencode(query, doseq=True)) < _MAX_URL
    return is_short and not any(value in ("", [""]) for value in query.values())


if os.environ.get(HOSTILE):

    @schemathesis.hook
    def map_body(context: Any, body: Any) -> Any:  # noqa: ARG001 - a hook's parameters are found by their names
        """Put a hostile value in place of one text of the body."""
        if not isinstance(body, dict):
            return body
        drawn = Random(json.dumps(body, sort_keys=True, default=str))  # noqa: S311 - the same body, the same value
        names = sorted(name for name, value in body.items() if isinstance(value, str))
        return body | {drawn.choice(names): drawn.choice(corpus()).text} if names else body
