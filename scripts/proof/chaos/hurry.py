"""How long the product waits for what others may still do, made short enough for a run of a minute.

Each value is what the product says, divided; their order is the same.
"""

from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any, Final

import functions
from functions.timers import TimerTrigger
from shared.hypotheses import news, running
from shared.integrations import receiving
from shared.notifications import retries, sending
from shared.platform import call_audit, relay

_WAITS: Final[tuple[tuple[ModuleType, str, Any], ...]] = (
    (relay, "RESEND_SECONDS", 6),
    (relay, "_DOUBTED_SECONDS", 180),
    (running, "LEASE", timedelta(seconds=40)),
    (news, "AGAIN_AFTER", timedelta(seconds=12)),
    (receiving, "_RESEND_SECONDS", 3),
    (call_audit, "_RESEND_SECONDS", 3),
    (sending, "_CLAIM", timedelta(seconds=8)),
    (retries, "_FIRST_WAIT", timedelta(seconds=4)),
)
_SCHEDULES: Final = {
    "relay_events": "*/2 * * * * *",
    "retry_deliveries": "*/3 * * * * *",
    "analyse_again": "*/6 * * * * *",
}


def hurry() -> None:
    """Shorten what the product of this process waits for. Before its functions are built."""
    for module, name, value in _WAITS:
        if not hasattr(module, name):
            raise AttributeError(f"{module.__name__} has no {name} to shorten")
        setattr(module, name, value)
    triggers = tuple(
        replace(one, schedule=_SCHEDULES.get(one.name, one.schedule)) if isinstance(one, TimerTrigger) else one
        for one in functions.triggers()
    )
    functions.triggers = lambda: triggers
