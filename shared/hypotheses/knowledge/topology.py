"""Who calls whom, and whose trouble explains whose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from shared.hypotheses.values import Service


@dataclass(frozen=True, slots=True)
class Graph:
    """Services by name, each with those that it calls. Cycles are allowed: a walk visits each once."""

    calls: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, services: Iterable[Service]) -> Self:
        return cls({service.name: service.depends_on for service in services})

    def needs(self, name: str) -> frozenset[str]:
        """All that a service depends on, directly or through others; never itself."""
        found: set[str] = set()
        open_ends = list(self.calls.get(name, ()))
        while open_ends:
            one = open_ends.pop()
            if one not in found and one != name:
                found.add(one)
                open_ends += self.calls.get(one, ())
        return frozenset(found)
