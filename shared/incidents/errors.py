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


class PutAway(Conflict):
    """Nobody works on it any more, where it is."""

    title = "The incident was put away."


class IncidentMerged(PutAway):
    title = "The incident is merged into another one."


class IncidentArchived(PutAway):
    title = "The incident is archived."


class NotMergeable(Conflict):
    """These incidents cannot become one."""

    title = "These incidents cannot be merged."


class TargetClosed(NotMergeable):
    title = "Incidents can be merged only into an open one."


class SourceConcluded(NotMergeable):
    title = "Only open and resolved incidents can be merged into another one."


class MergeIntoItself(Invalid):
    title = "An incident cannot be merged into itself."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "sources", "message": "must not name the incident itself"}])


class NotMerged(Conflict):
    title = "The incident is not merged into another one."


class SavedViewNotFound(NotFound):
    title = "There is no such saved view."


class PostmortemNotWritten(Conflict):
    title = "Nobody has saved a postmortem of this incident yet."


class IncidentOpen(Conflict):
    title = "An open incident cannot be archived."


class AssigneeUnknown(Invalid):
    title = "Only a member of the project can be the assignee."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "assignee_id", "message": "must be a member of the project"}])


class LinkNotFound(NotFound):
    title = "There is no such link."


class AlreadyLinked(Conflict):
    title = "The incidents are linked in this way already."


class LinkToItself(Invalid):
    title = "An incident cannot be linked to itself."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "other_id", "message": "must not name the incident itself"}])


class CommentNotFound(NotFound):
    title = "There is no such comment."
