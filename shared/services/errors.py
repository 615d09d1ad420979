"""How the catalogue says no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class ServiceNotFound(NotFound):
    title = "Service not found."


class DependencyNotFound(NotFound):
    title = "Dependency not found."


class ServiceNameTaken(Conflict):
    title = "The project already has a service with this name."


class TooManyServices(Conflict):
    title = "The project has reached the maximum number of services."


class DependsOnItself(Invalid):
    title = "A service cannot depend on itself."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "callee_id", "message": "must be another service"}])


class NamedTwice(Invalid):
    title = "A service is listed twice."

    def __init__(self, field: str) -> None:
        super().__init__(errors=[{"field": field, "message": "is named before"}])
