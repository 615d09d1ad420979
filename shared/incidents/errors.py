"""How incidents say no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class IncidentNotFound(NotFound):
    title = "There is no such incident."


class IllegalTransition(Conflict):
    title = "An incident cannot move between these states."


class NoteNeeded(Invalid):
    title = "This move needs a note that says why."


class AnotherIncidentOpen(Conflict):
    title = "Another incident is open on the same problem."
