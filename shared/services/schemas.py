"""The catalogue on the wire."""

from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.platform.wire import Line, Time, Wire
from shared.services.store import Call
from shared.services.tables import ServiceRow
from shared.services.values import MAX_NAME, DependencySource, ServiceSource

MAX_IMPORTED: Final = 2_000

Name = Annotated[Line, StringConstraints(min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]*$")]
Short = Annotated[Line, Field(max_length=200)]
WebUrl = Annotated[Line, StringConstraints(max_length=2_048, pattern=r"^(https?://[^\s\x00-\x1f\x7f]+)?$")]
Tier = Annotated[int, Field(ge=1, le=5)]


class ServiceLink(Wire):
    """Where else to look: a dashboard, a repository, a channel."""

    title: Annotated[Line, Field(min_length=1, max_length=100)]
    url: Annotated[WebUrl, Field(min_length=1)]


class ServiceFields(Wire):
    """What people say of a service. `tier` is how much hangs on it: 1 the most, 5 the least."""

    display_name: Short = ""
    description: Annotated[Line, Field(max_length=4_000)] = ""
    owner: Short = ""
    tier: Tier | None = None
    runbook_url: WebUrl = ""
    links: Annotated[tuple[ServiceLink, ...], Field(max_length=20)] = ()

    def given(self) -> dict[str, Any]:
        """Return what was said, by column; what was not said is absent."""
        said: dict[str, Any] = self.model_dump(mode="json", include=self.model_fields_set & set(SAID))
        return said


SAID: Final = ("name", *ServiceFields.model_fields)


class ServiceIn(ServiceFields):
    """`name` is what alerts and changes call the service."""

    name: Name


class ServicePatch(ServiceFields):
    """What is absent stays as it is; null takes the tier away."""

    name: Name = ""


class ServicesQuery(Wire):
    """`owner` narrows the list to the services of one team."""

    owner: Short | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class ServiceOut(Wire):
    """A service. `source` is how it came into the catalogue."""

    id: UUID
    name: str
    display_name: str
    description: str
    owner: str
    tier: int | None
    runbook_url: str
    links: tuple[ServiceLink, ...]
    source: ServiceSource
    version: int
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, row: ServiceRow) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            display_name=row.display_name,
            description=row.description,
            owner=row.owner,
            tier=row.tier,
            runbook_url=row.runbook_url,
            links=tuple(ServiceLink(**link) for link in row.links),
            source=ServiceSource(row.source),
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class DependencyOut(Wire):
    """That `caller` calls `callee`. `last_seen_at` is when this was last said or measured."""

    caller_id: UUID
    caller: str
    callee_id: UUID
    callee: str
    source: DependencySource
    last_seen_at: Time

    @classmethod
    def of(cls, call: Call) -> Self:
        return cls(
            caller_id=call.row.caller_id,
            caller=call.caller,
            callee_id=call.row.callee_id,
            callee=call.callee,
            source=DependencySource(call.row.source),
            last_seen_at=call.row.last_seen_at,
        )


class ServiceDetailOut(ServiceOut):
    """A service with what it calls (`depends_on`) and what calls it (`used_by`)."""

    depends_on: list[DependencyOut]
    used_by: list[DependencyOut]

    @classmethod
    def with_calls(cls, row: ServiceRow, calls: list[Call]) -> Self:
        return cls(
            **dict(ServiceOut.of(row)),
            depends_on=[DependencyOut.of(call) for call in calls if call.row.caller_id == row.id],
            used_by=[DependencyOut.of(call) for call in calls if call.row.callee_id == row.id],
        )


class ImportedService(ServiceIn):
    """A service with the names of what it calls."""

    depends_on: Annotated[tuple[Name, ...], Field(max_length=MAX_IMPORTED)] = ()


class ImportedDependency(Wire):
    """That `caller` calls `callee`, by name."""

    caller: Name
    callee: Name


class ImportIn(Wire):
    """Services and dependencies to add or to change; what is not named stays. A name that is only called is added."""

    services: Annotated[tuple[ImportedService, ...], Field(max_length=MAX_IMPORTED)] = ()
    dependencies: Annotated[tuple[ImportedDependency, ...], Field(max_length=5 * MAX_IMPORTED)] = ()


class ImportQuery(Wire):
    """With `dry_run` nothing is stored: the answer says what would be."""

    dry_run: bool = False


class ImportOut(Wire):
    """What an import did, or would do. Created and changed services are named."""

    dry_run: bool
    services_created: list[str]
    services_changed: list[str]
    services_unchanged: int
    dependencies_created: list[ImportedDependency]
    dependencies_unchanged: int
