"""What happens to the catalogue."""

from shared.kernel.events import Event


class ServiceCreated(Event):
    type = "service.created"


class ServiceUpdated(Event):
    type = "service.updated"


class ServiceRemoved(Event):
    type = "service.removed"


class DependencyAdded(Event):
    type = "service.dependency_added"


class DependencyRemoved(Event):
    type = "service.dependency_removed"
