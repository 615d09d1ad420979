"""The words of the catalogue: how a service or a dependency came to be known, and which word counts more."""

from enum import StrEnum
from typing import Final

MAX_NAME: Final = 200
MAX_SERVICES: Final = 2_000  # of a project; alerts whose labels never repeat must not fill a catalogue without end


class ServiceSource(StrEnum):
    """How a service came into the catalogue."""

    MANUAL = "manual"
    IMPORT = "import"
    LEARNED = "learned"


class DependencySource(StrEnum):
    """How a dependency came to be known, what counts most first: what was learned never replaces what people said."""

    MANUAL = "manual"
    IMPORT = "import"
    SERVICE_GRAPH = "service_graph"
    LABELS = "labels"


_RANK = {source: rank for rank, source in enumerate(DependencySource)}


def stronger(one: DependencySource, other: DependencySource) -> DependencySource:
    """Return the source that counts more."""
    return min(one, other, key=_RANK.__getitem__)
