"""The services of a project and their calls, with what is open on each."""

from collections.abc import Sequence
from typing import Final, Self
from uuid import UUID

from sqlalchemy import func, select

from shared.alerts.values import Severity
from shared.incidents.lifecycle import OPEN
from shared.incidents.tables import IncidentRow
from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx
from shared.platform.wire import Wire
from shared.services import store
from shared.services.schemas import DependencyOut
from shared.services.tables import ServiceRow
from shared.services.values import MAX_SERVICES, ServiceSource

_WORST_FIRST: Final = tuple(severity.value for severity in Severity)


class ServiceNode(Wire):
    """A service. `worst_severity` is that of its open incidents, null while it has none."""

    id: UUID
    name: str
    display_name: str
    owner: str
    tier: int | None
    source: ServiceSource
    open_incidents: int
    worst_severity: Severity | None

    @classmethod
    def of(cls, row: ServiceRow, severities: Sequence[str]) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            display_name=row.display_name,
            owner=row.owner,
            tier=row.tier,
            source=ServiceSource(row.source),
            open_incidents=len(severities),
            worst_severity=Severity(min(severities, key=_WORST_FIRST.index)) if severities else None,
        )


class ServiceMapOut(Wire):
    """Nodes and the calls between them."""

    nodes: list[ServiceNode]
    edges: list[DependencyOut]


async def service_map(tx: Tx, project_id: ProjectId) -> ServiceMapOut:
    """Return the project's whole map, which the catalogue's limit bounds."""
    rows = await store.by_name(tx, project_id, owner=None, after=None, limit=MAX_SERVICES)
    calls = await store.calls(tx, project_id)
    found = await tx.session.execute(
        select(IncidentRow.service_name, func.array_agg(IncidentRow.severity))
        .where(
            IncidentRow.tenant_id == tx.tenant_id,
            IncidentRow.project_id == project_id,
            IncidentRow.state.in_(OPEN),
            IncidentRow.service_name != "",
        )
        .group_by(IncidentRow.service_name)
    )
    open_by_service = {row[0]: row[1] for row in found}
    return ServiceMapOut(
        nodes=[ServiceNode.of(row, open_by_service.get(row.name, [])) for row in rows],
        edges=[DependencyOut.of(call) for call in calls],
    )
