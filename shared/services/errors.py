"""How the catalogue says no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class ServiceNotFound(NotFound):
    title = "There is no such service."


class DependencyNotFound(NotFound):
    title = "There is no such dependency."


class ServiceNameTaken(Conflict):
    title = "The project has a service of this name already."


class TooManyServices(Conflict):
    title = "The project has as many services as a catalogue holds."


class DependsOnItself(Invalid):
    title = "A service cannot depend on itself."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "callee_id", "message": "must be another service"}])


class NamedTwice(Invalid):
    title = "A service is named twice."

    def __init__(self, field: str) -> None:
        super().__init__(errors=[{"field": field, "message": "is named before"}])
