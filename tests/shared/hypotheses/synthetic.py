"""Made-up failures of a wide system, the same for the same seed: fifty services, one fault or none, much innocent.

Each case has measured courses of every service near the fault, logs up to 200 KB, a storm of alerts from the callers,
and changes elsewhere. What a fault does to its neighbours is what such faults do: callers get slow or fail, never the
other way round.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from shared.hypotheses.values import Alert, Case, CauseCode, Change, EvidenceKind, Observation, Series, Service
from tests.shared.hypotheses.cases import NOW, START, alert

SERVICES: Final = 50
MINUTES: Final = 90  # of measurement; the fault begins after 60 of them
ONSET: Final = 60

CALM: Final[Mapping[str, float]] = MappingProxyType(
    {
        "CPU usage": 0.3,
        "memory usage": 400.0,
        "request latency p90": 120.0,
        "requests per second": 80.0,
        "error rate": 0.4,
        "network receive bytes": 50_000.0,
        "TCP retransmits": 0.5,
    }
)
"""What is measured of every service, at its usual level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a cause does: factors of measures where it sits, and on those that call it, and what it logs, if anything.

    `right` are the causes that a good engineer could name from that.
    """

    here: Mapping[str, float]
    above: Mapping[str, float]
    log: str = ""
    right: frozenset[CauseCode]


SLOW_ABOVE: Final = {"request latency p90": 5.0}
FAILING_ABOVE: Final = {"error rate": 20.0, "request latency p90": 2.0}

FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "cpu": Fault(
            here={"CPU usage": 3.2, "request latency p90": 6.0},
            above=SLOW_ABOVE,
            right=frozenset({CauseCode.CPU_SATURATION}),
        ),
        "memory": Fault(
            here={"memory usage": 4.5, "request latency p90": 2.0},
            above=SLOW_ABOVE,
            log="kernel: Out of memory: Killed process 4711 (java)",
            right=frozenset({CauseCode.MEMORY_EXHAUSTION}),
        ),
        "delay": Fault(
            here={"request latency p90": 12.0},
            above=SLOW_ABOVE,
            right=frozenset({CauseCode.NETWORK_LATENCY}),
        ),
        "loss": Fault(
            here={"request latency p90": 8.0, "TCP retransmits": 80.0, "network receive bytes": 0.6},
            above={**SLOW_ABOVE, "error rate": 4.0},
            right=frozenset({CauseCode.PACKET_LOSS}),
        ),
        "silent loss": Fault(
            here={"request latency p90": 8.0, "network receive bytes": 0.4, "error rate": 8.0},
            above={**SLOW_ABOVE, "error rate": 4.0},
            right=frozenset({CauseCode.PACKET_LOSS, CauseCode.NETWORK_LATENCY}),
        ),
        "pool": Fault(
            here={"request latency p90": 6.0, "error rate": 15.0},
            above=FAILING_ABOVE,
            log="HikariPool-1 - Connection is not available, request timed out after 30000ms",
            right=frozenset({CauseCode.CONNECTION_POOL_EXHAUSTED}),
        ),
        "disk": Fault(
            here={"error rate": 30.0},
            above=FAILING_ABOVE,
            log="write failed: No space left on device",
            right=frozenset({CauseCode.DISK_FULL}),
        ),
        "name": Fault(
            here={"error rate": 30.0},
            above=FAILING_ABOVE,
            log="dial tcp: lookup ledger.internal: no such host",
            right=frozenset({CauseCode.DNS_FAILURE}),
        ),
        "certificate": Fault(
            here={"error rate": 30.0},
            above=FAILING_ABOVE,
            log="x509: certificate has expired or is not yet valid",
            right=frozenset({CauseCode.TLS_CERTIFICATE}),
        ),
        "traffic": Fault(
            here={"requests per second": 9.0, "CPU usage": 2.2, "request latency p90": 3.0},
            above={"request latency p90": 2.5},
            right=frozenset({CauseCode.TRAFFIC_SPIKE}),
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A case and its truth: the causes that would be right, and where; nothing of either where all is well."""

    case: Case
    component: str
    right: frozenset[CauseCode]


def failing(name: str, seed: int) -> Made:
    """A fault somewhere in the lower half of the system, with a storm of alerts from all who feel it."""
    chance = random.Random(f"{name} {seed}")
    services = _services(chance)
    fault, culprit = FAULTS[name], f"service-{chance.randrange(15, SERVICES - 10):02}"
    feeling = _callers(services, culprit)
    factors = {culprit: fault.here} | dict.fromkeys(feeling, fault.above)
    alerts = [_slow(one, minute) for minute, one in enumerate([culprit, *feeling][:12])]
    case = _case(chance, services, alerts, factors)
    if fault.log:
        case = replace(case, observations=(*case.observations, _log(chance, culprit, fault.log)))
    return Made(case=case, component=culprit, right=fault.right)


def healthy(seed: int) -> Made:
    """Alerts that have resolved by themselves, on a system in which nothing moved."""
    chance = random.Random(f"healthy {seed}")
    services = _services(chance)
    names = chance.sample([one.name for one in services], 5)
    alerts = [
        alert("LatencyHigh", summary="p90 latency is above its threshold", service=one, minute=minute, resolved=True)
        for minute, one in enumerate(names)
    ]
    return Made(case=_case(chance, services, alerts, {key: {} for key in names}), component="", right=frozenset())


def storm(seed: int) -> Made:
    """Nothing but alerts: of every service the same, and nothing that tells why."""
    chance = random.Random(f"storm {seed}")
    services = _services(chance)
    alerts = [_slow(one.name, chance.randrange(3)) for one in services for _ in range(4)]
    alerts = [replace(one, id=f"{one.id}/{number}") for number, one in enumerate(alerts)]
    return Made(
        case=replace(_case(chance, services, alerts, {}), observations=(), changes=()), component="", right=frozenset()
    )


def _case(
    chance: random.Random,
    services: Sequence[Service],
    alerts: Sequence[Alert],
    factors: Mapping[str, Mapping[str, float]],
) -> Case:
    names = [one.name for one in services]
    quiet = [one for one in names if one not in factors]
    shown = [*factors, *chance.sample(quiet, min(12, len(quiet)))]
    observations = [one for name in shown for one in _measured(chance, name, factors.get(name, {}))]
    observations += [_log(chance, name, "") for name in chance.sample(shown, min(6, len(shown)))]
    return Case(
        incident_id="incident",
        title=alerts[0].title,
        service=alerts[-1].service,
        opened_at=START,
        at=NOW,
        alerts=tuple(alerts),
        observations=tuple(observations),
        changes=tuple(_innocent(chance, quiet)),
        services=tuple(services),
    )


def _services(chance: random.Random) -> list[Service]:
    """Each calls one to three of those that come after it, so that there are no circles."""
    names = [f"service-{number:02}" for number in range(SERVICES)]
    return [
        Service(
            name=name,
            depends_on=tuple(sorted(chance.sample(names[place + 1 : place + 12], k=min(3, SERVICES - 1 - place)))),
        )
        for place, name in enumerate(names)
    ]


def _callers(services: Sequence[Service], culprit: str) -> list[str]:
    """Who calls the culprit, directly or through others; the nearest first."""
    found = [culprit]
    for one in found:
        found += [each.name for each in services if one in each.depends_on and each.name not in found]
    return found[1:9]


def _slow(service: str, minute: int) -> Alert:
    return alert("LatencyHigh", summary="p90 latency is above its threshold", service=service, minute=minute)


def _innocent(chance: random.Random, quiet: Sequence[str]) -> Iterator[Change]:
    """Releases and settings of services that nothing is wrong with, some within minutes of the onset."""
    for number, name in enumerate(chance.sample(quiet, min(20, len(quiet)))):
        kind = chance.choice(["deploy", "config", "scale"])
        at = START - timedelta(minutes=chance.choice([2, 5, 20, 90, 300]))
        yield Change(id=f"c{number}", at=at, kind=kind, component=name, title=f"{name} {number}.{chance.randrange(9)}")


def _measured(chance: random.Random, name: str, factors: Mapping[str, float]) -> Iterator[Observation]:
    begins = START - timedelta(minutes=ONSET)
    for measure, level in CALM.items():
        factor = factors.get(measure, 1.0)
        values = (level * (factor if minute >= ONSET else 1.0) * chance.gauss(1, 0.04) for minute in range(MINUTES))
        points = tuple((begins + timedelta(minutes=minute), value) for minute, value in enumerate(values))
        yield Observation(
            kind=EvidenceKind.METRIC,
            component=name,
            at=NOW,
            title=f"{measure} of {name}",
            text="",
            series=Series(unit="", points=points),
        )


def _log(chance: random.Random, name: str, telling: str) -> Observation:
    """About 28 KB of a log, its one telling line somewhere inside."""
    lines = [f"INFO request {chance.randrange(10**9)} served in {chance.randrange(90)} ms" for _ in range(650)]
    if telling:
        lines.insert(chance.randrange(len(lines)), f"ERROR {telling}")
    text = "\n".join(lines)
    return Observation(kind=EvidenceKind.LOG, component=name, at=START, title=f"log of {name}", text=text)
