"""Learn who calls whom from the service graphs that Prometheus holds, where there are any."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from shared.integrations.prometheus import NotAnswered, ask
from shared.integrations.tables import IntegrationRow
from shared.integrations.values import IntegrationKind
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.runtime import Runtime
from shared.platform.turns import in_turn
from shared.services.labels import call_of
from shared.services.learning import learn
from shared.services.values import DependencySource

# The metric of Tempo and OpenTelemetry's service graph connector, and that of Istio; with the labels of both ends.
GRAPHS: Final[Mapping[str, tuple[str, str]]] = {
    "traces_service_graph_request_total": ("client", "server"),
    "istio_requests_total": ("source_workload", "destination_workload"),
}
_WINDOW: Final = "15m"
# 200 that hang on both queries, 10 at a time, take 200 seconds: within the five minutes that a function has.
_MAX_AT_ONCE: Final = 10
_MAX_IN_A_RUN: Final = 200


async def learn_all(runtime: Runtime) -> int:
    """Ask every Prometheus that has a base URL; returns how many there are."""
    query = (
        select(IntegrationRow.tenant_id, IntegrationRow.id)
        .where(
            IntegrationRow.kind == IntegrationKind.PROMETHEUS.value,
            IntegrationRow.base_url.is_not(None),
            IntegrationRow.revoked_at.is_(None),
        )
        .order_by(func.random())  # where there are more than one run takes, all have their turn
        .limit(_MAX_IN_A_RUN)
    )
    async with runtime.system_transaction() as system:
        found = (await system.session.execute(query)).all()
    await in_turn(
        found,
        lambda one: learn_from(runtime, TenantId(one.tenant_id), one.id),
        what=lambda one: f"learning from integration {one.id}",
        at_once=_MAX_AT_ONCE,
    )
    return len(found)


async def learn_from(runtime: Runtime, tenant_id: TenantId, integration_id: UUID) -> None:
    """Ask one Prometheus who calls whom, and learn it."""
    actor = system_actor(tenant_id)
    async with runtime.transaction(actor) as tx:
        row = await tx.session.scalar(
            tx.select(IntegrationRow).where(
                IntegrationRow.id == integration_id,
                IntegrationRow.revoked_at.is_(None),
                IntegrationRow.base_url.is_not(None),
            )
        )
    if row is None:
        return
    calls = [call for metric in GRAPHS for call in await _calls(runtime, row, metric)]
    if calls:
        async with runtime.transaction(actor) as tx:
            await learn(tx, ProjectId(row.project_id), (), calls, DependencySource.SERVICE_GRAPH)


async def _calls(runtime: Runtime, row: IntegrationRow, metric: str) -> list[tuple[str, str]]:
    """Return the calls of a graph; none where Prometheus has no such metric, or does not answer with one."""
    ends = GRAPHS[metric]
    query = f"sum by ({', '.join(ends)}) (rate({metric}[{_WINDOW}])) > 0"
    try:
        result = await ask(runtime, row, "query", {"query": query})
    except NotAnswered:
        return []  # the health check tells people what is wrong with it
    return [call for series in result if (call := call_of(series.metric, *ends)) is not None]
