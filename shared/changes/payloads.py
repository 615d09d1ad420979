"""The body of `POST webhooks/changes`: one change, a list, or `{"changes": [...]}`. Unknown keys are ignored."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter

from shared.changes.values import Change, digest_of, kind_of
from shared.kernel.errors import Malformed
from shared.platform.foreign import Moment, Rejected, Text, cut, parse, read_each

MAX_DETAIL_BYTES: Final = 8 * 1_024
# They say nothing, and each costs six bytes as JSON.
_CONTROLS: Final = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _id(value: object) -> object:
    """Build numbers are ids too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _short(longest: int, shortest: int = 0) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)


class SentChange(BaseModel):
    """One change. Without `at` it happened now; without `id` it is known by what it says."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[Text, _short(200), BeforeValidator(_id)] = ""
    at: Moment = None
    kind: Annotated[Text, _short(64)] = ""
    component: Annotated[Text, _short(200)] = ""
    title: Annotated[Text, _short(300, 1)]
    detail: Text = ""
    author: Annotated[Text, _short(200)] = ""
    url: Annotated[Text, _short(2_048)] = Field("", pattern=r"^(https?://\S+)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A body, read: what to store and what to refuse."""

    changes: tuple[Change, ...]
    rejected: tuple[Rejected, ...]


_CHANGE: Final = TypeAdapter(SentChange)


def read_changes(body: bytes, now: datetime) -> Received:
    """Read changes. Raises `Malformed` when the body is neither a change nor a list of them."""
    changes, rejected = read_each(_items(parse(body)), _CHANGE, lambda sent: _change(sent, now))
    return Received(changes=changes, rejected=rejected)


def _items(found: Any) -> list[Any]:
    if isinstance(found, dict):
        found = found.get("changes", [found])
    if not isinstance(found, list):
        raise Malformed(
            "This is no change and no list of changes.", errors=[{"field": "changes", "message": "must be a list"}]
        )
    return found


def _change(sent: SentChange, now: datetime) -> Change:
    at = sent.at or now
    told = {
        "at": at.isoformat(),
        "kind": kind_of(sent.kind).value,
        "component": _CONTROLS.sub("", sent.component),
        "title": _CONTROLS.sub("", sent.title),
        "detail": cut(_CONTROLS.sub("", sent.detail), MAX_DETAIL_BYTES),
        "author": _CONTROLS.sub("", sent.author),
        "url": sent.url,
    }
    return Change(**(told | {"external_id": sent.id or digest_of(told), "at": at, "kind": kind_of(sent.kind)}))  # type: ignore[arg-type]  # the two that are no text are replaced
