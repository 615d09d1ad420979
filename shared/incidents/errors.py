"""How incidents say no."""

from shared.kernel.errors import Conflict, Invalid, NotFound


class IncidentNotFound(NotFound):
    title = "Incident not found."


class IllegalTransition(Conflict):
    title = "An incident cannot move between these states."


class NoteNeeded(Invalid):
    title = "This state change requires a note."


class AnotherIncidentOpen(Conflict):
    title = "Another incident is already open for the same problem."


class PutAway(Conflict):
    """Nobody works on it any more, where it is."""

    title = "The incident is archived or merged into another one."


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
    title = "Saved view not found."


class PostmortemNotWritten(Conflict):
    title = "No postmortem has been saved for this incident yet."


class IncidentOpen(Conflict):
    title = "An open incident cannot be archived."


class AssigneeUnknown(Invalid):
    title = "Only a member of the project can be the assignee."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "assignee_id", "message": "must be a member of the project"}])


class LinkNotFound(NotFound):
    title = "Link not found."


class AlreadyLinked(Conflict):
    title = "These incidents are already linked in this way."


class LinkToItself(Invalid):
    title = "An incident cannot be linked to itself."

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "other_id", "message": "must not name the incident itself"}])


class CommentNotFound(NotFound):
    title = "Comment not found."
