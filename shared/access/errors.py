"""How access says no."""

from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from shared.kernel.values import Actor


class WrongCredentials(Unauthenticated):
    """`claimed` is whose account it was, where there is one: for the audit alone, since the answer must not tell."""

    title = "The e-mail address or the password is wrong."

    def __init__(self, claimed: Actor | None = None) -> None:
        super().__init__()
        self.claimed = claimed


class EmailTaken(Conflict):
    title = "There is an account with this e-mail address already."


class RoleTooHigh(Forbidden):
    title = "Nobody can give a role higher than their own."


class ApiKeyNotFound(NotFound):
    title = "There is no such API key."


class CsrfTokenNeeded(Forbidden):
    title = "Whoever is known by cookie must send X-CSRF-Token, which auth/me tells."


class SealingRequired(Forbidden):
    title = "This tenant takes sealed requests only."


class TooManyAttempts(TooMany):
    title = "Too many attempts to sign in. Try again later."


class WeakPassword(Invalid):
    title = "The password is too easy to guess."


class WrongPassword(Forbidden):
    title = "The current password is wrong."


class PasswordResetNotFound(NotFound):
    title = "There is no such link, or it is over. Ask for another one."


class ProjectNotFound(NotFound):
    title = "There is no such project."


class UserNotFound(NotFound):
    title = "There is no such person in this tenant."


class OwnAccount(Conflict):
    title = "Nobody can disable their own account."


class MemberNotFound(NotFound):
    title = "There is no such member."


class LastOwner(Conflict):
    title = "A project needs an owner: make somebody else one first."


class InvitationNotFound(NotFound):
    title = "There is no such invitation, or it is over."


class AlreadyInTenant(Conflict):
    title = "Whoever has this e-mail address is here already: give them a role in the project."
