"""Where people wrote down what to do: the runbooks of alerts, and of services whose alerts name none."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from shared.hypotheses.values import Alert

_ANNOTATION: Final = "runbook_url"
_ADDRESS: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f]{1,480}")  # whole or not at all: half of one leads nowhere
_MAX_NAME: Final = 80


def runbooks_of(alerts: Iterable[Alert], services: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each runbook, those of alerts first; `services` has the addresses of services by name.

    Alerts are others' text, so only a web address counts. An address is named once, by the first who has it.
    """
    ordered = sorted(alerts, key=lambda one: (one.starts_at, one.name))
    named = [(alert, url) for alert in ordered if (url := _address(alert.annotations.get(_ANNOTATION, "")))]
    served = {alert.service for alert, _ in named}
    said: dict[str, str] = {}
    for alert, url in named:
        said.setdefault(url, f"Runbook of alert {alert.name[:_MAX_NAME]}: {url}")
    for name, url in sorted(services.items()):
        if url and name not in served:
            said.setdefault(url, f"Runbook of {name}: {url}")
    return tuple(said.values())


def _address(text: str) -> str:
    """The web address that a text is; empty where it is none."""
    found = _ADDRESS.fullmatch(text.strip())
    return found.group() if found else ""
