"""How maintenance windows say no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class WindowNotFound(NotFound):
    title = "There is no such maintenance window."


class WindowOver(Conflict):
    title = "The maintenance window does not hold now, and what is over stays as it was."


class BadWindow(Invalid):
    title = "The maintenance window has no such times."
