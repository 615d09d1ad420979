"""How access says no."""

from shared.kernel.errors import Conflict, Forbidden, NotFound, Unauthenticated


class WrongCredentials(Unauthenticated):
    title = "The e-mail address or the password is wrong."


class EmailTaken(Conflict):
    title = "There is an account with this e-mail address already."


class RoleTooHigh(Forbidden):
    title = "Nobody can give a role higher than their own."


class ApiKeyNotFound(NotFound):
    title = "There is no such API key."
