"""What happens to the catalogue."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCreated(Event):
    type = "service.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUpdated(Event):
    type = "service.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRemoved(Event):
    type = "service.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyAdded(Event):
    type = "service.dependency_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyRemoved(Event):
    type = "service.dependency_removed"
