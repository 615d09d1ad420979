"""How access says no."""

from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from shared.kernel.values import Actor


class WrongCredentials(Unauthenticated):
    """`claimed` is whose account it was, where there is one: for the audit alone, since the answer must not tell."""

    title = "The e-mail address or password is incorrect."

    def __init__(self, claimed: Actor | None = None) -> None:
        super().__init__()
        self.claimed = claimed


class EmailTaken(Conflict):
    title = "An account with this e-mail address already exists."


class RoleTooHigh(Forbidden):
    title = "You cannot assign a role above your own."


class PeopleOnly(Forbidden):
    title = "An API key cannot create API keys."


class ApiKeyNotFound(NotFound):
    title = "API key not found."


class CsrfTokenNeeded(Forbidden):
    title = "Requests authenticated by a cookie must send the X-CSRF-Token from auth/me."


class SealingRequired(Forbidden):
    title = "This tenant accepts sealed requests only."


class TooManyAttempts(TooMany):
    title = "Too many sign-in attempts. Try again later."


class TooManyInvitations(TooMany):
    title = "Too many invitations to this e-mail address. Try again later."


class WeakPassword(Invalid):
    title = "The password is too easy to guess."


class WrongPassword(Forbidden):
    title = "The current password is incorrect."


class PasswordResetNotFound(NotFound):
    title = "This link is not valid or has expired. Request a new one."


class ProjectNotFound(NotFound):
    title = "Project not found."


class UserNotFound(NotFound):
    title = "User not found."


class OwnAccount(Conflict):
    title = "You cannot disable your own account."


class MemberNotFound(NotFound):
    title = "Member not found."


class LastOwner(Conflict):
    title = "A project must have an owner. Make someone else an owner first."


class TenantOwnerShutOut(Conflict):
    title = "The organisation's owner must be a member of at least one project."


class InvitationNotFound(NotFound):
    title = "Invitation not found or expired."


class AlreadyInTenant(Conflict):
    title = "A user with this e-mail address already exists. Give them a role in the project instead."
