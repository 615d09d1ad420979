"""What happens to a project's policies. The events of alerts are in `shared.incidents.events`: ingest records them."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesChanged(Event):
    type = "policies.changed"
