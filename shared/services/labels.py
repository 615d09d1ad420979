"""What the labels of an alert or of a measurement say of who calls whom."""

from collections.abc import Mapping
from typing import Final

from shared.services.values import MAX_NAME

# Of one call, both ends: OpenTelemetry's service graph, Istio, Linkerd and exporters that follow them.
ENDS: Final = (
    ("client", "server"),
    ("source_workload", "destination_workload"),
    ("source_service", "destination_service"),
    ("caller", "callee"),
)
# Of the service that the alert is about, what it calls.
CALLEES: Final = ("upstream", "dependency", "destination_service", "peer_service")
# Names that senders give to what they do not know.
_NOBODY: Final = frozenset({"", "unknown", "user", "none", "null", "-", "*"})


def is_service(name: str) -> bool:
    """Whether a label's value can be the name of a service."""
    return name.lower() not in _NOBODY and len(name) <= MAX_NAME and name.isprintable() and name == name.strip()


def call_of(labels: Mapping[str, str], caller: str, callee: str) -> tuple[str, str] | None:
    """Return the call whose ends two labels name; None where they name none."""
    pair = labels.get(caller, ""), labels.get(callee, "")
    return pair if pair[0] != pair[1] and all(map(is_service, pair)) else None


def calls_said(labels: Mapping[str, str], service: str) -> set[tuple[str, str]]:
    """Return the calls, as (caller, callee), that the labels of an alert about `service` name."""
    about = {**labels, "": service}
    pairs = [*ENDS, *(("", callee) for callee in CALLEES)]
    if "source_service" in labels:
        pairs.remove(("", "destination_service"))
    return {call for pair in pairs if (call := call_of(about, *pair)) is not None}
