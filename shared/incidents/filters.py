"""Which incidents to list, and in what order."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from shared.alerts.values import Severity
from shared.incidents.lifecycle import State
from shared.incidents.tables import SavedViewRow
from shared.kernel.values import Actor
from shared.platform.wire import Instant, Line, PersonalQuery, Time, Wire, no_nul, split_at_commas

_ME: Final = "me"


class Sort(StrEnum):
    """The order of a list, newest first among equals. `relevance` is for searches alone, and their default."""

    NEWEST = "newest"
    UPDATED = "updated"
    SEVERITY = "severity"
    RELEVANCE = "relevance"


def _named(label: str) -> str:
    name, colon, _ = label.partition(":")
    if not name or not colon:
        raise ValueError("must be NAME:VALUE")
    return label


_Service = Annotated[Line, Field(min_length=1, max_length=1_024)]
_Assignee = Literal["me", "none"] | UUID
_Label = Annotated[Line, Field(max_length=1_153), AfterValidator(_named)]
_Several = Field(default=(), max_length=20)


class Filters(Wire):
    """What a list of incidents holds. Of several values of one filter any will do; labels must all be there.

    `from` and `to` bound the time an incident was opened, `to` excluded. `label` is `name:value`. Archived incidents
    are listed only when asked for, and then alone. `q` searches: "a phrase", `or`, `-not`.
    """

    state: Annotated[tuple[State, ...], BeforeValidator(split_at_commas)] = _Several
    open: bool | None = None
    severity: Annotated[tuple[Severity, ...], BeforeValidator(split_at_commas)] = _Several
    service: Annotated[tuple[_Service, ...], BeforeValidator(split_at_commas)] = _Several
    assignee: Annotated[tuple[_Assignee, ...], BeforeValidator(split_at_commas)] = _Several
    label: Annotated[tuple[_Label, ...], BeforeValidator(split_at_commas)] = _Several
    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Annotated[Instant | None, Field(alias="to")] = None
    flapping: bool | None = None
    archived: bool = False
    q: Annotated[str, AfterValidator(no_nul), Field(max_length=200)] = ""
    sort: Sort | None = None

    @field_validator("sort")
    @classmethod
    def _relevance_is_for_searches(cls, sort: Sort | None, given: ValidationInfo) -> Sort | None:
        if sort is Sort.RELEVANCE and not given.data.get("q", "").strip():
            raise ValueError("relevance needs q")
        return sort

    @property
    def order(self) -> Sort:
        return self.sort or (Sort.RELEVANCE if self.q.strip() else Sort.NEWEST)

    @property
    def labels(self) -> Mapping[str, str]:
        return {name: value for name, _, value in (one.partition(":") for one in self.label)}

    def stored(self) -> dict[str, Any]:
        """Return what differs from the defaults, as JSON."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class IncidentQuery(Filters, PersonalQuery):
    """What to list. `number` is that of `INC-n`. `limit` is the page's size, `cursor` where it begins."""

    number: Annotated[int | None, Field(ge=1, lt=2**31)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None

    @property
    def is_personal(self) -> bool:
        """Whether the answer depends on who asks."""
        return _ME in self.assignee


class SavedViewIn(Wire):
    """A view to save. `shared` shows it to everybody in the project; only who may act on incidents may share."""

    name: Annotated[Line, Field(min_length=1, max_length=100)]
    filters: Filters = Filters()
    shared: bool = False


class SavedViewPatch(Wire):
    """What to change of a view; what is absent stays as it is."""

    name: Annotated[Line, Field(min_length=1, max_length=100)] = ""
    filters: Filters | None = None
    shared: bool = False


class SavedViewOut(Wire):
    """A view. Its `filters` are what `GET incidents` takes, without those that have their defaults."""

    id: UUID
    name: str
    filters: dict[str, Any]
    shared: bool
    is_own: bool
    version: int
    created_at: Time

    @classmethod
    def of(cls, row: SavedViewRow, reader: Actor) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            filters=row.filters,
            shared=row.shared,
            is_own=row.owner_id == reader.id,
            version=row.version,
            created_at=row.created_at,
        )
