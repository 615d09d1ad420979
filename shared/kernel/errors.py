"""How the domain says no. HTTP is a translation made elsewhere (`functions.problems`)."""

from typing import ClassVar, Self


class DomainError(Exception):
    """A refusal with a reason that people may read.

    `details` are extra members of the answer; they must never hold secrets or raw input.
    """

    title: ClassVar[str] = "This cannot be done."

    def __init__(self, detail: str = "", **details: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.details = details


class Invalid(DomainError):
    """Well-formed, but not acceptable: a field is wrong. `errors` lists `{field, message}`."""

    title = "Some fields are not valid."

    @classmethod
    def of(cls, message: str, *fields: str) -> Self:
        """Return the refusal of fields that do not go together, which tells each the same."""
        return cls(errors=[{"field": field, "message": message} for field in fields])


class Malformed(DomainError):
    """Not even readable as what it claims to be."""

    title = "The request could not be read."


class Unauthenticated(DomainError):
    """Nobody we know."""

    title = "Valid credentials are required."


class Forbidden(DomainError):
    """Known, but not allowed."""

    title = "Your role does not allow this."


class NotFound(DomainError):
    """No such thing, or none that the caller may know of: both answer alike."""

    title = "Resource not found."


class Conflict(DomainError):
    """Not now: the state of things forbids it."""

    title = "The current state does not allow this."


class StaleVersion(DomainError):
    """Somebody else was faster."""

    title = "The resource has changed since you read it."


class TooLarge(DomainError):
    """More than we take."""

    title = "The request body is too large."


class WrongMediaType(DomainError):
    """Said in a form that we do not read, or that a foreign page could have sent."""

    title = "The body must be JSON, and its Content-Type must say so."


class TooMany(DomainError):
    """Too often."""

    title = "Too many requests."


class Unavailable(DomainError):
    """A part we need is away; the same call may succeed later."""

    title = "A required service is unavailable. Try again later."


class Overloaded(Unavailable):
    """More than one caller may ask of us now."""

    title = "Too many requests from one sender. Try again later."


def check_version(actual: int, expected: int | None) -> None:
    """Compare with the version that the caller saw, or None. Raises `StaleVersion`."""
    if expected is not None and expected != actual:
        raise StaleVersion(expected=expected, actual=actual)
