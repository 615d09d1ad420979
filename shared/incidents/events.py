"""What happens to incidents and their alerts. The ingest statements record some of these types themselves."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCreated(Event):
    type = "incident.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentUpdated(Event):
    type = "incident.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRefired(Event):
    """An alert fired that belongs to an incident which is mitigated, or resolved a short while ago.

    Or to an acknowledged one, in which the same alert had cleared.
    """

    type = "incident.refired"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentQuiet(Event):
    """A mitigated incident's quiet period is over."""

    type = "incident.quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsMoved(Event):
    """A merge, or its undoing, gave an incident alerts or took some away, so the machine has to look at it."""

    type = "incident.alerts_moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFired(Event):
    type = "alert.fired"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertResolved(Event):
    type = "alert.resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedViewCreated(Event):
    type = "saved_view.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedViewUpdated(Event):
    type = "saved_view.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedViewRemoved(Event):
    type = "saved_view.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmortemSaved(Event):
    type = "postmortem.saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmortemPublished(Event):
    type = "postmortem.published"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHeld(Event):
    """An alert fires, and opens no incident yet."""

    type = "alert.held"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRepeated(Event):
    """An alert of the incident fires so soon after the last times that it may be flapping."""

    type = "alert.repeated"
