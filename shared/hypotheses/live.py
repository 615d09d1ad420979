"""Measure a case in the Prometheus servers of its project, all at once, under one deadline.

A source that fails, is slow, or knows nothing is a gap of the case, never a failed analysis.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from math import isfinite
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select

from shared.hypotheses.measuring import (
    Query,
    Search,
    Window,
    known_queries,
    own_queries,
    own_series,
    searches,
    services_of,
    window_of,
)
from shared.hypotheses.series import MIN_POINTS
from shared.hypotheses.values import Case, EvidenceKind, Observation, Series
from shared.incidents.tables import IncidentRow
from shared.integrations.prometheus import MAX_SERIES, NotAnswered, Sampled, ask
from shared.integrations.tables import IntegrationRow
from shared.integrations.values import IntegrationKind
from shared.platform.runtime import Runtime, Tx

log = logging.getLogger(__name__)

DEADLINE: Final = 5.0  # seconds, for all queries of all sources together
MAX_SOURCES: Final = 3

_MAX_AT_ONCE: Final = 8  # connections to one source


async def sources(tx: Tx, incident_id: UUID) -> Sequence[IntegrationRow]:
    """Return the Prometheus servers that an incident's project lets us ask."""
    project = select(IncidentRow.project_id).where(IncidentRow.tenant_id == tx.tenant_id, IncidentRow.id == incident_id)
    query = tx.select(IntegrationRow).where(
        IntegrationRow.project_id == project.scalar_subquery(),
        IntegrationRow.kind == IntegrationKind.PROMETHEUS.value,
        IntegrationRow.base_url.is_not(None),
        IntegrationRow.revoked_at.is_(None),
    )
    return (await tx.session.scalars(query.order_by(IntegrationRow.id).limit(MAX_SOURCES))).all()


async def measured(runtime: Runtime, rows: Sequence[IntegrationRow], case: Case, *, deadline: float = DEADLINE) -> Case:
    """Return the case with what its sources know of the onset, within `deadline` seconds."""
    asked = [_Source(runtime, row, case) for row in rows]
    await asyncio.gather(*(one.look(deadline) for one in asked))
    first: dict[tuple[str, str], Observation] = {}
    for found in chain.from_iterable(one.observations() for one in asked):  # two servers may watch the same
        first.setdefault((found.component, found.title), found)
    gaps = [gap for one in asked if (gap := one.gap())]
    return replace(case, observations=(*case.observations, *first.values()), gaps=(*case.gaps, *gaps))


@dataclass(slots=True)
class _Source:
    """One Prometheus, with what it has answered so far."""

    runtime: Runtime
    row: IntegrationRow
    case: Case
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MAX_AT_ONCE))
    found: list[tuple[Query, Series]] = field(default_factory=list)
    asked: int = 0
    answered: int = 0
    failures: list[str] = field(default_factory=list)

    async def look(self, deadline: float) -> None:
        """Ask all; what was answered when the time is over stays."""
        try:
            async with asyncio.timeout(deadline), asyncio.TaskGroup() as tasks:
                for query in own_queries(self.case):
                    tasks.create_task(self._measure(query))
                tasks.create_task(self._templates())
        except TimeoutError:
            self.failures.append(f"did not answer within {deadline:g} seconds")
        except Exception:
            # Whatever surprises us in one source must not keep the case from its analysis.
            log.exception("integration %s could not be asked for measures", self.row.id)
            self.failures.append("could not be asked")

    def observations(self) -> Iterable[Observation]:
        """What was measured, in the order of the queries."""
        for query, series in sorted(self.found, key=lambda pair: (pair[0].alert is None, pair[0].expression)):
            yield Observation(
                kind=EvidenceKind.METRIC,
                component=query.component,
                at=series.points[-1][0],
                title=query.title,
                text="",
                series=series,
                query=query.expression,
                is_own=query.alert is not None,
            )

    def gap(self) -> str | None:
        """In a sentence, what could not be learned here."""
        if self.failures:
            missing = self.asked - self.answered
            return f'Prometheus "{self.row.name}": {self.failures[0]} ({missing} of {self.asked} queries).'
        if not self.found:
            return f'Prometheus "{self.row.name}": no measures of {", ".join(services_of(self.case)) or "this"}.'
        return None

    async def _templates(self) -> None:
        """Ask which of the known metrics there are, then for these."""
        found = await asyncio.gather(*(self._search(one) for one in searches(self.case)))
        queries = known_queries(self.case, chain.from_iterable(found))
        await asyncio.gather(*(self._measure(query) for query in queries))

    async def _search(self, search: Search) -> list[tuple[Search, Mapping[str, str]]]:
        result = await self._ask("query", {"query": search.expression, "time": _seconds(search.at)})
        return [(search, series.metric) for series in result]

    async def _measure(self, query: Query) -> None:
        window = window_of(self.case)
        result = await self._ask(
            "query_range",
            {
                "query": query.expression,
                "start": _seconds(window.start),
                "end": _seconds(window.end),
                "step": str(window.step),
            },
        )
        courses = [(one.metric, _series(one, query.unit, window)) for one in result]
        told = [(labels, series) for labels, series in courses if len(series.points) >= MIN_POINTS]
        series = own_series(query.alert, told) if query.alert else next((one for _, one in told), None)
        if series is not None:
            self.found.append((query, series))

    async def _ask(self, api: Literal["query", "query_range"], parameters: Mapping[str, str]) -> list[Sampled]:
        """Ask once; no series where that fails, which is remembered."""
        self.asked += 1
        bounds = {"timeout": f"{DEADLINE:g}s", "limit": str(MAX_SERIES)}
        async with self.turns:
            try:
                found = await ask(self.runtime, self.row, api, {**parameters, **bounds})
            except NotAnswered as error:
                self.failures.append(str(error))
                return []
        self.answered += 1
        return found


def _series(sampled: Sampled, unit: str, window: Window) -> Series:
    """The finite samples inside the window."""
    start, end = window.start.timestamp(), window.end.timestamp()
    return Series(
        unit=unit,
        points=tuple(
            (datetime.fromtimestamp(at, UTC), value)
            for at, value in sampled.values
            if start <= at <= end and isfinite(value)
        ),
    )


def _seconds(at: datetime) -> str:
    return f"{at.timestamp():.3f}"
