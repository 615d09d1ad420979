"""What happens to policies, maintenance windows and held alerts. Ingest records the rest: `shared.incidents.events`."""

from shared.kernel.events import Event


class PoliciesChanged(Event):
    type = "policies.changed"


class HoldsDue(Event):
    """Alerts of the project are held, and what holds them may have ended."""

    type = "alerts.due"


class MaintenanceWindowCreated(Event):
    type = "maintenance_window.created"


class MaintenanceWindowUpdated(Event):
    """A window was changed, or what is left of its running occurrence was cut off."""

    type = "maintenance_window.updated"


class MaintenanceWindowCancelled(Event):
    type = "maintenance_window.cancelled"
