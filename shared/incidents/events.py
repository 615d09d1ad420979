"""What happens to incidents and their alerts. The ingest statements record some of these types themselves."""

from shared.kernel.events import Event


class IncidentCreated(Event):
    type = "incident.created"


class IncidentUpdated(Event):
    type = "incident.updated"


class IncidentPurged(Event):
    """An incident was deleted for good, as its tenant keeps none for so long. It has no timeline any more."""

    type = "incident.purged"


class IncidentRefired(Event):
    """An alert fired that belongs to an incident which is mitigated, or resolved a short while ago.

    Or to an acknowledged one, in which the same alert had cleared.
    """

    type = "incident.refired"


class IncidentQuiet(Event):
    """A mitigated incident's quiet period is over."""

    type = "incident.quiet"


class AlertsMoved(Event):
    """A merge, or its undoing, gave an incident alerts or took some away, so the machine has to look at it."""

    type = "incident.alerts_moved"


class AlertFired(Event):
    type = "alert.fired"


class AlertResolved(Event):
    type = "alert.resolved"


class SavedViewCreated(Event):
    type = "saved_view.created"


class SavedViewUpdated(Event):
    type = "saved_view.updated"


class SavedViewRemoved(Event):
    type = "saved_view.removed"


class PostmortemSaved(Event):
    type = "postmortem.saved"


class PostmortemPublished(Event):
    type = "postmortem.published"


class AlertHeld(Event):
    """An alert fires, and opens no incident yet."""

    type = "alert.held"


class AlertRepeated(Event):
    """An alert of the incident fires so soon after the last times that it may be flapping."""

    type = "alert.repeated"
