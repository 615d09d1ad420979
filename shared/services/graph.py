"""Who depends on whom: walks over the calls between services. Services may call each other in a circle."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from typing import Final

type Calls = Mapping[str, Collection[str]]

MAX_DEPTH: Final = 3  # calls between two services that still have to do with each other


def calls_of(pairs: Iterable[tuple[str, str]]) -> Calls:
    """Return what each caller calls, from (caller, callee) pairs."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for caller, callee in pairs:
        found[caller].add(callee)
    return found


def reversed_calls(calls: Calls) -> Calls:
    """Return by whom each callee is called."""
    return calls_of((callee, caller) for caller, callees in calls.items() for callee in callees)


def downstream(calls: Calls, service: str, depth: int = MAX_DEPTH) -> Mapping[str, tuple[str, ...]]:
    """Return what `service` depends on over at most `depth` calls: by name, the shortest way there, itself first."""
    ways: dict[str, tuple[str, ...]] = {service: (service,)}
    waiting = deque([service])
    while waiting:
        way = ways[waiting.popleft()]
        if len(way) > depth:
            continue
        for callee in sorted(calls.get(way[-1], ())):
            if callee not in ways:
                ways[callee] = (*way, callee)
                waiting.append(callee)
    del ways[service]
    return ways


def neighbourhood(calls: Calls, service: str, depth: int = MAX_DEPTH) -> Mapping[str, tuple[str, ...]]:
    """Return what `service` depends on and what depends on it: by name, the way between them, the caller first."""
    above = downstream(reversed_calls(calls), service, depth)
    callers = {name: tuple(reversed(way)) for name, way in above.items()}
    return callers | dict(downstream(calls, service, depth))
