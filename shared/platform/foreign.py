"""Bodies that others write, in their own formats: unknown keys are ignored, and one bad item spoils no other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError
from pydantic_core import from_json

from shared.kernel.canonical import canonical
from shared.kernel.errors import Malformed
from shared.platform.wire import CLASH, no_nul, plausible

MAX_NESTING: Final = 20
MAX_LETTERS: Final = 1_000
_MAX_REJECTED_TEXT: Final = 4_096
_MAX_REASON: Final = 1_000
_CUT_MARK: Final = "… [cut]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An item that could not be taken: why, and what it was (as text, shortened). The last may stand for many."""

    reason: str
    content: str
    count: int = 1


def _absent_time(value: object) -> object:
    """Programs in Go write year 1 for "not yet"."""
    return None if value == "" or (isinstance(value, str) and value.startswith("0001-01-01")) else value


def _in_range(at: datetime | None) -> datetime | None:
    return plausible(at) if at is not None else None


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


Text = Annotated[str, AfterValidator(no_nul)]
Moment = Annotated[datetime | None, BeforeValidator(_absent_time), AfterValidator(_aware), AfterValidator(_in_range)]


def parse(body: bytes) -> Any:
    """Return a body's JSON. Raises `Malformed` when it is none, or nested deeper than `MAX_NESTING`."""
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"The body is not JSON: {error}.") from None
    # Most bodies open fewer brackets than that in all, which is told at once.
    if body.count(b"{") + body.count(b"[") > MAX_NESTING and _is_too_deep(found):
        raise Malformed(f"The body is nested deeper than {MAX_NESTING} levels.")
    return found


def read_each[Item, Made](
    items: Iterable[Any], kind: TypeAdapter[Item], make: Callable[[Item], Made]
) -> tuple[tuple[Made, ...], tuple[Rejected, ...]]:
    """Read items one by one and make of each what it stands for, so that one that is bad is refused alone.

    Beyond `MAX_LETTERS` the bad ones are only counted: a body may hold hundreds of thousands of them.
    """
    taken: list[Made] = []
    rejected: list[Rejected] = []
    more = 0
    for item in items:
        try:
            found = kind.validate_python(item)
        except ValidationError as error:
            if len(rejected) < MAX_LETTERS:
                rejected.append(_rejected(item, error))
            else:
                more += 1
        else:
            taken.append(make(found))
    if more:
        rejected.append(Rejected(reason=f"{more} more could not be read", content="", count=more))
    return tuple(taken), tuple(rejected)


def refusals(rejected: Iterable[Rejected]) -> int:
    """Return how many items were refused."""
    return sum(one.count for one in rejected)


def _rejected(item: object, error: ValidationError) -> Rejected:
    reasons = "; ".join(f"{e['field']}: {e['message']}" for e in fields(error)[:5])
    return Rejected(reason=_storable(reasons, _MAX_REASON), content=_shown(item))


def fields(error: ValidationError) -> list[dict[str, str]]:
    """Return what is wrong, field by field, without the values."""
    return [
        {"field": ".".join(str(part) for part in (*each["loc"], *name)), "message": each["msg"]}
        for each in error.errors(include_url=False, include_input=False)
        for name in ([(one,) for one in each["ctx"]["names"]] if each["type"] == CLASH else [()])
    ]


def cut(text: str, most: int) -> str:
    """Return text of at most `most` bytes, marked where it was longer."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    return raw[: most - len(_CUT_MARK.encode())].decode(errors="ignore") + _CUT_MARK


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_NESTING):
        level = [
            child
            for one in level
            for child in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
        if not level:
            return False
    return True


def _shown(item: object) -> str:
    return _storable(canonical(item) if isinstance(item, dict) else repr(item), _MAX_REJECTED_TEXT)


def _storable(text: str, limit: int) -> str:
    """Text of a refused item as the database holds it, names of its fields included: no NUL, no endless value."""
    return text.replace("\x00", "�").replace("\\u0000", "�")[:limit]
