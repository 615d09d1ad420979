"""How maintenance windows say no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class WindowNotFound(NotFound):
    title = "Maintenance window not found."


class WindowOver(Conflict):
    title = "The maintenance window is not active, and past windows cannot be changed."


class BadWindow(Invalid):
    title = "The times of the maintenance window are not valid."
