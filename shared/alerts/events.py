"""What happens to policies, maintenance windows and held alerts. Ingest records the rest: `shared.incidents.events`."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesChanged(Event):
    type = "policies.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsDue(Event):
    """Alerts of the project are held, and what holds them may have ended."""

    type = "alerts.due"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindowCreated(Event):
    type = "maintenance_window.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindowUpdated(Event):
    """A window was changed, or what is left of its running occurrence was cut off."""

    type = "maintenance_window.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindowCancelled(Event):
    type = "maintenance_window.cancelled"
