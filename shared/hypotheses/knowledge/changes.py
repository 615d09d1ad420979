"""What a change of each kind breaks, and how soon."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from shared.hypotheses.values import CauseCode as C

CAUSES_OF_CHANGES: Final[Mapping[str, C]] = MappingProxyType(
    {
        "deploy": C.BAD_RELEASE,
        "deployment": C.BAD_RELEASE,
        "release": C.BAD_RELEASE,
        "rollback": C.BAD_RELEASE,
        "commit": C.BAD_RELEASE,
        "config": C.WRONG_CONFIGURATION,
        "infra": C.WRONG_CONFIGURATION,
        "flag": C.FEATURE_FLAG,
        "scale": C.BAD_RESOURCE_LIMITS,
    }
)
"""The cause that a change of a kind is suspected of. Kinds that are not here are suspected as releases."""

BROUGHT_BY_CHANGE: Final = frozenset(
    {
        C.BAD_RELEASE,
        C.WRONG_CONFIGURATION,
        C.FEATURE_FLAG,
        C.BAD_RESOURCE_LIMITS,
        C.MISSING_CONFIG_OR_SECRET,
        C.WRONG_PORT_OR_SELECTOR,
        C.BAD_PROBE,
        C.IMAGE_PULL_FAILURE,
        C.ROLLOUT_STUCK,
        C.CRASH_LOOP,
        C.PERMISSION_DENIED,
        C.SLOW_QUERY,
        C.MEMORY_EXHAUSTION,
        C.CPU_SATURATION,
        C.CONNECTION_POOL_EXHAUSTED,
    }
)
"""Causes that a change on the same component, just before the onset, makes likelier and may be blamed for."""

PROXIMITY: Final = (
    (timedelta(minutes=10), 1.0),
    (timedelta(minutes=30), 0.7),
    (timedelta(hours=2), 0.4),
    (timedelta(hours=24), 0.15),
)
"""How suspicious a change is by the time from it to the onset, 0-1. Most outages by change begin within minutes."""


_OWN: Final = frozenset(CAUSES_OF_CHANGES.values())


def own_cause(told: str) -> C:
    """Return what a change is suspected of by its kind, the first word of how it is told."""
    return CAUSES_OF_CHANGES.get(told.partition(" ")[0].lower(), C.BAD_RELEASE)


def is_own_cause(told: str, code: C) -> bool:
    """Whether a change of its kind is suspected of just this."""
    return own_cause(told) is code


def may_bring(told: str, code: C) -> bool:
    """Whether a change of its kind can bring about a cause: its own, or what no other kind stands for."""
    return is_own_cause(told, code) or (code in BROUGHT_BY_CHANGE and code not in _OWN)


def suspicion(before_onset: timedelta) -> float:
    """How suspicious a change is by its time alone, 0-1; one after the onset caused nothing."""
    if before_onset < timedelta(minutes=-1):  # clocks of senders differ
        return 0.0
    return next((value for bound, value in PROXIMITY if before_onset <= bound), 0.0)
