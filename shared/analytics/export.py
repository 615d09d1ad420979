"""Figures as tables for spreadsheets: nested figures become columns such as `time_to_resolve_mean_seconds`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from shared.analytics.schemas import AlertNameOut, FiguresOut, PersonOut, ServiceOut, Table, TrendOut
from shared.kernel.csv import csv_of

_TABLES: Final[Mapping[Table, tuple[str, type[BaseModel]]]] = {
    Table.TREND: ("trend", TrendOut),
    Table.SERVICES: ("services", ServiceOut),
    Table.ALERTS: ("noisiest", AlertNameOut),
    Table.PEOPLE: ("people", PersonOut),
}


def exported(found: FiguresOut, table: Table) -> bytes:
    """Return one table of the figures as CSV."""
    name, model = _TABLES[table]
    return csv_of(list(_columns(model)), [_flat(one.model_dump(mode="json")) for one in getattr(found, name)])


def _columns(model: type[BaseModel]) -> Iterator[str]:
    """Yield what it is about first, and then its figures."""
    named = sorted(model.model_fields, key=lambda name: name in _shared(model))
    for name in named:
        kind = model.model_fields[name].annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (f"{name}_{part}" for part in _columns(kind))
        else:
            yield name


def _shared(model: type[BaseModel]) -> set[str]:
    return {name for parent in model.__mro__[1:] if issubclass(parent, BaseModel) for name in parent.model_fields}


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        found |= {f"{name}_{part}": one for part, one in value.items()} if isinstance(value, dict) else {name: value}
    return found
