"""Changes as values: what somebody did to a component, and which kind of doing that is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.kernel.canonical import canonical


class ChangeKind(StrEnum):
    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    CONFIG = "config"
    FLAG = "flag"
    SCALE = "scale"
    COMMIT = "commit"
    INFRA = "infra"
    OTHER = "other"


KIND_WORDS: Final[Mapping[str, ChangeKind]] = {
    **{kind.value: kind for kind in ChangeKind},
    **dict.fromkeys(("deployment", "release", "rollout", "publish", "promotion"), ChangeKind.DEPLOY),
    **dict.fromkeys(("revert", "undeploy"), ChangeKind.ROLLBACK),
    **dict.fromkeys(("configuration", "settings", "secret"), ChangeKind.CONFIG),
    **dict.fromkeys(("feature_flag", "feature-flag", "toggle", "experiment"), ChangeKind.FLAG),
    **dict.fromkeys(("scaling", "autoscale", "autoscaling", "resize"), ChangeKind.SCALE),
    **dict.fromkeys(("merge", "push", "pull_request"), ChangeKind.COMMIT),
    **dict.fromkeys(("infrastructure", "terraform", "migration", "network"), ChangeKind.INFRA),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change as its sender told it. `external_id` makes it the same one however often it is told."""

    external_id: str
    at: datetime
    kind: ChangeKind
    component: str
    title: str
    detail: str
    author: str
    url: str


def kind_of(word: str) -> ChangeKind:
    """Return the kind that a sender's word means; `other` for words we do not know."""
    return KIND_WORDS.get(word.strip().lower(), ChangeKind.OTHER)


def digest_of(told: Mapping[str, str]) -> str:
    """Return an id for a change that its sender gave none: equal for equal words."""
    return "sha256:" + hashlib.sha256(canonical(told).encode()).hexdigest()
