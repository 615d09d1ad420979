"""What every request and response model shares."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticCustomError

_DATE_AND_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_MAX_ZONE: Final = 64
CLASH: Final = "clash"


class Wire(BaseModel):
    """Closed and immutable: an unknown field is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def no_nul(text: str) -> str:
    """Return the text, which PostgreSQL can hold. Raises `ValueError` otherwise."""
    if "\x00" in text:
        raise ValueError("must not contain NUL")
    return text


def plausible(at: datetime) -> datetime:
    """Return the time in UTC. Raises `ValueError` where it lies outside the years that the product knows."""
    if not _EARLIEST <= at < _LATEST:
        raise ValueError("must lie between the years 2000 and 2100")
    return at.astimezone(UTC)


def _written(at: object) -> object:
    """Let a time pass that is written as RFC 3339 has it; a bare number is none. Raises `ValueError`."""
    if isinstance(at, str) and not _DATE_AND_TIME.match(at):
        raise ValueError("must be a date and a time with its zone, as in RFC 3339")
    if isinstance(at, int | float):
        raise ValueError("must be a text")  # noqa: TRY004 - pydantic reads values that are wrong, not types
    return at


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, or a folder of names
        raise ValueError("must be a time zone of the IANA database, such as Europe/Berlin") from None
    return name


def clash(why: str, *names: str) -> PydanticCustomError:
    """Return the error of fields that do not go together, for a validator to raise: it is told of each by its name."""
    return PydanticCustomError(CLASH, "{why}", {"why": why, "names": names})


def split_at_commas(given: object) -> object:
    """Return the parts of a comma-separated text. A host joins the values of a repeated parameter in the same way."""
    return [part.strip() for part in given.split(",")] if isinstance(given, str) else given


def _trimmed(text: str) -> str:
    return text.strip()


def _folded(text: str) -> str:
    return " ".join(text.split())


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Line = Annotated[str, AfterValidator(no_nul), AfterValidator(_trimmed)]
Name = Annotated[str, AfterValidator(no_nul), AfterValidator(_folded), Field(min_length=1, max_length=200)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(plausible)]
Zone = Annotated[Line, Field(max_length=_MAX_ZONE), AfterValidator(_known_zone)]
Time = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str, when_used="json")]


class PersonalQuery(Wire):
    """A query whose answer may depend on who asks: such an answer is kept for that caller alone."""

    @property
    def is_personal(self) -> bool:
        raise NotImplementedError


class Page[Item](Wire):
    """One page of a list. `next_cursor` is opaque; null at the end."""

    items: list[Item]
    next_cursor: str | None = None
