"""What counts for a candidate, as a table: each factor judges one aspect, 0-1, and says in a sentence what it saw."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import fsum
from typing import Final, Self

from shared.hypotheses.knowledge.causes import CAUSES
from shared.hypotheses.knowledge.signatures import DECISIVE
from shared.hypotheses.knowledge.wording import Signature
from shared.hypotheses.reading import Reading, interpret
from shared.hypotheses.values import SEVERITY_WEIGHTS, Candidate, Case, CauseCode, Evidence

SAME_MOMENT: Final = timedelta(minutes=1)
"""What begins closer together than this is in no order: scrapes and rule evaluations are that coarse."""

OVER: Final = 0.7
"""How harmless an alert is once it is resolved: it need not be repaired, but it was real."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The case as the factors see it: its evidence, read."""

    case: Case
    readings: Mapping[str, Reading]

    @classmethod
    def of(cls, case: Case, evidence: Iterable[Evidence]) -> Self:
        return cls(case=case, readings={reading.item.id: reading for reading in interpret(case, evidence)})

    def cited(self, candidate: Candidate) -> list[Reading]:
        """What is cited for the candidate."""
        return [self.readings[id_] for id_ in candidate.evidence_for]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A factor's judgement: `value` in 0-1, the evidence it rests on, and one sentence."""

    value: float
    evidence: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """A row of a factor table."""

    name: str
    weight: float
    judge: Callable[[View, Candidate], Finding]


def is_decisive(view: View, candidate: Candidate) -> bool:
    """Whether the evidence alone names this explanation."""
    judge = harmlessness if candidate.cause_code is CauseCode.NONE else signature_strength
    return judge(view, candidate).value >= DECISIVE


def signature_strength(view: View, candidate: Candidate) -> Finding:
    """The strongest wording that points at the cause."""
    pointing = _pointing(view, candidate)
    if not pointing:
        return Finding(value=0.0, evidence=(), why="No known wording in the evidence points at this cause.")
    reading, signature = max(pointing, key=lambda pair: pair[1].points[candidate.cause_code])
    why = f'{reading.item.id} shows "{signature.name}": {signature.meaning}'
    return Finding(value=signature.points[candidate.cause_code], evidence=_ids(pointing), why=why)


def corroboration(view: View, candidate: Candidate) -> Finding:
    """Different alerts that point at the same cause; each further kind halves the doubt."""
    pointing = _pointing(view, candidate)
    kinds = {alert.name for reading, _ in pointing for alert in reading.alerts}
    value = 1 - 0.5 ** max(len(kinds) - 1, 0)
    return Finding(value=value, evidence=_ids(pointing), why=f"Kinds of alert that point at it: {len(kinds)}.")


def specificity(view: View, candidate: Candidate) -> Finding:
    """How few other causes the most specific wording leaves open."""
    pointing = _pointing(view, candidate)
    if not pointing:
        return Finding(value=0.0, evidence=(), why="Nothing tells this cause from others.")
    reading, signature = min(pointing, key=lambda pair: len(pair[1].points))
    causes = len(signature.points)
    why = f'"{signature.name}" in {reading.item.id} leaves causes open: {causes}.'
    return Finding(value=1 / causes, evidence=(reading.item.id,), why=why)


def onset_order(view: View, candidate: Candidate) -> Finding:
    """Causes come before effects."""
    onsets = [reading.item.at for reading in view.readings.values()]
    first, span = min(onsets), max(onsets) - min(onsets)
    earliest = min(view.cited(candidate), key=lambda reading: reading.item.at).item
    delay = earliest.at - first
    if span < SAME_MOMENT:
        return Finding(value=0.0, evidence=(), why="Everything began within a minute, so order says nothing.")
    if delay < SAME_MOMENT:
        return Finding(value=1.0, evidence=(earliest.id,), why=f"{earliest.id} is among the first that was seen.")
    why = f"{earliest.id} came {_minutes(delay)} after the first evidence."
    return Finding(value=1 - delay / span, evidence=(earliest.id,), why=why)


def severity(view: View, candidate: Candidate) -> Finding:
    """How bad the alerts are that point at it."""
    worst = _worst(view.cited(candidate))
    return Finding(
        value=SEVERITY_WEIGHTS[worst], evidence=candidate.evidence_for, why=f"The worst alert cited is {worst}."
    )


def base_rate(_: View, candidate: Candidate) -> Finding:
    """How usual the cause is, before any evidence."""
    rate = CAUSES[candidate.cause_code].base_rate
    return Finding(value=rate, evidence=(), why=f"On a scale of 0 to 1, this cause is as usual as {rate:.1f}.")


def harmlessness(view: View, _: Candidate) -> Finding:
    """The share of the evidence that is over or harmless by its own words."""
    shares = {
        id_: max(OVER * reading.resolved, reading.strength(CauseCode.NONE)) for id_, reading in view.readings.items()
    }
    return Finding(
        value=fsum(shares.values()) / len(shares),
        evidence=tuple(id_ for id_, share in shares.items() if share),
        why=_state(view),
    )


def calm(view: View, _: Candidate) -> Finding:
    """How little the worst alert claims."""
    worst = _worst(view.readings.values())
    return Finding(value=1 - SEVERITY_WEIGHTS[worst], evidence=tuple(view.readings), why=f"The worst alert is {worst}.")


def absence_of_causes(view: View, _: Candidate) -> Finding:
    """How little the evidence points at any cause."""
    strengths = {
        id_: max(reading.strength(code) for code in CAUSES if code is not CauseCode.NONE)
        for id_, reading in view.readings.items()
    }
    telling = max(strengths, key=strengths.__getitem__)
    why = f"The most telling evidence, {telling}, points at a cause with strength {strengths[telling]:.2f}."
    return Finding(value=1 - strengths[telling], evidence=(telling,), why=why)


CAUSE_ASPECTS: Final = (
    Aspect(name="signature strength", weight=0.60, judge=signature_strength),
    Aspect(name="corroboration", weight=0.15, judge=corroboration),
    Aspect(name="specificity", weight=0.08, judge=specificity),
    Aspect(name="onset order", weight=0.07, judge=onset_order),
    Aspect(name="severity", weight=0.05, judge=severity),
    Aspect(name="base rate", weight=0.05, judge=base_rate),
)

NULL_ASPECTS: Final = (
    Aspect(name="harmlessness", weight=0.70, judge=harmlessness),
    Aspect(name="absence of causes", weight=0.20, judge=absence_of_causes),
    Aspect(name="calm", weight=0.10, judge=calm),
)


def _pointing(view: View, candidate: Candidate) -> list[tuple[Reading, Signature]]:
    """What is cited and points at the cause by its wording, with the wording."""
    cited = view.cited(candidate)
    return [(reading, signature) for reading in cited if (signature := reading.best(candidate.cause_code))]


def _ids(pointing: Iterable[tuple[Reading, Signature]]) -> tuple[str, ...]:
    return tuple(reading.item.id for reading, _ in pointing)


def _worst(readings: Iterable[Reading]) -> str:
    severities = (alert.severity for reading in readings for alert in reading.alerts)
    return max(severities, key=SEVERITY_WEIGHTS.__getitem__, default="info")


def _state(view: View) -> str:
    """What is over and since when, and what is harmless by its own words."""
    resolved = [alert for alert in view.case.alerts if alert.resolved]
    last = max((alert.ends_at for alert in resolved if alert.ends_at), default=None)
    since = f", the last {_minutes(view.case.at - last)} ago" if last else ""
    harmless = [id_ for id_, reading in view.readings.items() if reading.strength(CauseCode.NONE)]
    words = f"; harmless by its own words: {', '.join(harmless)}" if harmless else ""
    return f"{len(resolved)} of {len(view.case.alerts)} alerts are resolved{since}{words}."


def _minutes(delay: timedelta) -> str:
    return f"{delay // timedelta(minutes=1)} min"
