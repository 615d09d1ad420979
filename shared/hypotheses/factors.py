"""What counts for a candidate, as a table: each factor judges one aspect, 0-1, and says in a sentence what it saw."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import fsum, prod
from typing import Final, Self

from shared.hypotheses.knowledge.causes import CAUSES
from shared.hypotheses.knowledge.changes import is_own_cause, suspicion
from shared.hypotheses.knowledge.signatures import DECISIVE
from shared.hypotheses.knowledge.wording import Signature
from shared.hypotheses.reading import TROUBLE, Reading, interpret
from shared.hypotheses.values import SEVERITY_WEIGHTS, Candidate, Case, CauseCode, Evidence, EvidenceKind
from shared.services.graph import downstream

SAME_MOMENT: Final = timedelta(minutes=1)
"""What begins closer together than this is in no order: scrapes and rule evaluations are that coarse."""

CHANGE_WORTH: Final = 0.65
"""How strongly a change on the failing component points at itself, when it came within minutes before the onset."""

ELSEWHERE: Final = 0.45
"""What of that is left when nothing is known to fail where the change was made."""

UNCHANGED: Final = 0.6
"""What is left of a mere symptom that may mean a bad release, where changes are known and none was made there."""

PAST_WORTH: Final = 0.55
"""How strongly a confirmed cause of an equal incident points at the same cause."""

HALF_LIFE_DAYS: Final = 60.0
"""After so many days a confirmed cause counts half: systems change."""

GENERAL: Final = 20
"""What is usual in general weighs as much as so many causes that were confirmed in the project."""

BLAMES_A_DEPENDENCY: Final = frozenset({CauseCode.DEPENDENCY_SLOW, CauseCode.DEPENDENCY_UNAVAILABLE})

MANY: Final = 4
NEARLY_DECISIVE: Final = 0.6
"""So many observations, one of them so strong, name a cause as well as one that is decisive."""

OVER: Final = 0.7
"""How harmless an alert is once it is resolved: it need not be repaired, but it was real."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The case as the factors see it: its evidence, read."""

    case: Case
    readings: Mapping[str, Reading]

    @classmethod
    def of(cls, case: Case, evidence: Iterable[Evidence]) -> Self:
        readings = {reading.item.id: reading for reading in interpret(case, evidence)}
        return cls(case=case, readings=readings)

    @property
    def troubled(self) -> frozenset[str]:
        """The components on which trouble was seen or told."""
        return frozenset(one.item.component for one in self.readings.values() if one.trouble >= TROUBLE)

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
    """Whether the evidence alone names this explanation: by one clear word, or by many that were seen independently."""
    if candidate.cause_code is CauseCode.NONE:
        return harmlessness(view, candidate).value >= DECISIVE
    strengths = [reading.strength(candidate.cause_code) for reading in view.cited(candidate)]
    seen = [one for one in view.cited(candidate) if one.is_observed and one.strength(candidate.cause_code) >= TROUBLE]
    return max(strengths, default=0.0) >= DECISIVE or (
        len(seen) >= MANY and max(strengths, default=0.0) >= NEARLY_DECISIVE
    )


def signature_strength(view: View, candidate: Candidate) -> Finding:
    """The strongest thing that points at the cause: a wording, a change just before, or a cause of the past."""
    pointing = _pointing(view, candidate)
    spoken = [
        (_spoken(view, candidate, reading), reading.item.id, f'shows "{signature.name}": {signature.meaning}')
        for reading, signature in pointing
    ]
    implied = [
        (value, one.item.id, why) for one in view.cited(candidate) for value, why in _implied(view, candidate, one.item)
    ]
    if not (spoken or implied):
        return Finding(value=0.0, evidence=(), why="No known wording in the evidence points at this cause.")
    value, id_, why = max((*spoken, *implied), key=lambda found: found[0])
    ids = dict.fromkeys((*_ids(pointing), *(found[1] for found in implied)))
    return Finding(value=value, evidence=tuple(ids), why=f"{id_} {why}")


def _spoken(view: View, candidate: Candidate, reading: Reading) -> float:
    """How strongly the wording of an item points at the cause; a release that nobody made is hardly one."""
    strength = reading.strength(candidate.cause_code)
    is_unlikely = candidate.cause_code is CauseCode.BAD_RELEASE and view.case.changes and not candidate.change_id
    return strength * (UNCHANGED if is_unlikely and strength < NEARLY_DECISIVE else 1.0)


def _implied(view: View, candidate: Candidate, item: Evidence) -> Iterable[tuple[float, str]]:
    """What an item implies without a word: a change by its time and place, the past by its likeness."""
    if item.change_id and item.change_id == candidate.change_id and is_own_cause(item.text, candidate.cause_code):
        near = 1.0 if item.component in view.troubled else ELSEWHERE
        value = CHANGE_WORTH * near * suspicion(timedelta(minutes=item.numbers["minutes_before"]))
        yield value, "is a change shortly before the onset."
    if item.kind is EvidenceKind.HISTORY:
        yield PAST_WORTH * _likeness(item), "is an incident like this one, whose cause was confirmed."


def corroboration(view: View, candidate: Candidate) -> Finding:
    """Different alerts and observations that point at the same cause; each further one halves the doubt."""
    pointing = _pointing(view, candidate)
    kinds = {name for reading, _ in pointing for name in _sources(reading)}
    value = 1 - 0.5 ** max(len(kinds) - 1, 0)
    return Finding(value=value, evidence=_ids(pointing), why=f"Kinds of evidence that point at it: {len(kinds)}.")


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
    troubles = [one.item.at for one in view.readings.values() if one.trouble >= TROUBLE or one.alerts]
    cited = [one for one in view.cited(candidate) if one.alerts or one.is_observed]
    if not troubles or not cited:
        return Finding(value=0.0, evidence=(), why="Nothing tells when it began.")
    first, span = min(troubles), max(troubles) - min(troubles)
    earliest = min(cited, key=lambda reading: reading.item.at).item
    delay = earliest.at - first
    if span < SAME_MOMENT:
        return Finding(value=0.0, evidence=(), why="Everything began within a minute, so order says nothing.")
    if delay < SAME_MOMENT:
        return Finding(value=1.0, evidence=(earliest.id,), why=f"{earliest.id} is among the first that was seen.")
    why = f"{earliest.id} came {_minutes(delay)} after the first evidence."
    return Finding(value=max(1 - delay / span, 0.0), evidence=(earliest.id,), why=why)


def topology(view: View, candidate: Candidate) -> Finding:
    """The deepest failing dependency explains those that call it, and is explained by none."""
    others = view.troubled - {candidate.component}
    below = others & downstream(view.case.calls, candidate.component).keys()
    if below:
        why = f"It calls {', '.join(sorted(below)[:3])}, where trouble was seen too."
        return Finding(value=0.0, evidence=_where(view, below), why=why)
    called = view.case.calls.get(candidate.component, ())
    has_looked = any(one.is_observed for one in view.readings.values())
    if called and has_looked and candidate.cause_code in BLAMES_A_DEPENDENCY:
        why = f"It calls {', '.join(sorted(called)[:3])}, where no trouble was seen."
        return Finding(value=0.0, evidence=(), why=why)
    above = frozenset(one for one in others if candidate.component in downstream(view.case.calls, one))
    if not above:
        return Finding(value=0.5, evidence=(), why="No service in trouble is known to call it or to be called by it.")
    why = f"It explains the trouble of {', '.join(sorted(above)[:3])}, which depend on it."
    return Finding(value=0.5 + 0.5 * len(above) / len(others), evidence=_where(view, above), why=why)


def recent_change(view: View, candidate: Candidate) -> Finding:
    """How shortly before the onset the change came that is blamed."""
    change = next((one.item for one in view.cited(candidate) if one.item.change_id == candidate.change_id), None)
    if candidate.change_id is None or change is None:
        return Finding(value=0.0, evidence=(), why="No change is blamed for it.")
    before = timedelta(minutes=change.numbers["minutes_before"])
    return Finding(
        value=suspicion(before), evidence=(change.id,), why=f"{change.id} came {_minutes(before)} before the onset."
    )


def severity(view: View, candidate: Candidate) -> Finding:
    """How bad the alerts are that point at it; those of the incident where it was not an alert that did."""
    cited = [one for one in view.cited(candidate) if one.alerts]
    worst = _worst(cited or view.readings.values())
    ids = tuple(one.item.id for one in cited)
    return Finding(value=SEVERITY_WEIGHTS[worst], evidence=ids, why=f"The worst alert is {worst}.")


def past_causes(view: View, candidate: Candidate) -> Finding:
    """How often, how lately and in how similar incidents the same cause was confirmed."""
    past = [one.item for one in view.cited(candidate) if one.item.kind is EvidenceKind.HISTORY]
    value = 1 - prod(1 - _likeness(one) for one in past)
    why = f"Incidents like this one that it was confirmed for: {len(past)}."
    return Finding(value=value if past else 0.0, evidence=tuple(one.id for one in past), why=why)


def base_rate(view: View, candidate: Candidate) -> Finding:
    """How usual the cause is, before any evidence: in general, and more and more by what the project has confirmed."""
    rate, confirmed = CAUSES[candidate.cause_code].base_rate, view.case.confirmed
    total = sum(confirmed.values())
    if not total:
        return Finding(value=rate, evidence=(), why=f"On a scale of 0 to 1, this cause is as usual as {rate:.1f}.")
    times = confirmed.get(candidate.cause_code, 0)
    here = times / max(confirmed.values())
    found = (GENERAL * rate + total * here) / (GENERAL + total)
    why = (
        f"On a scale of 0 to 1, this cause is as usual as {found:.2f}: {rate:.1f} in general, and {times} of {total}"
        " confirmed here within a year."
    )
    return Finding(value=found, evidence=(), why=why)


def harmlessness(view: View, _: Candidate) -> Finding:
    """The share of the evidence that is over, denied, well or harmless by its own words; half of it is the alerts'."""
    alerts = [one for one in view.readings.values() if one.alerts]
    observed = [one for one in view.readings.values() if one.is_observed]
    share = _mean([max(OVER * one.resolved, one.strength(CauseCode.NONE), OVER * (one.weight < 1)) for one in alerts])
    if observed:
        share = (share + _mean([1 - one.trouble for one in observed])) / 2
    calm = tuple(
        one.item.id for one in (*alerts, *observed) if one.is_harmless or (one.is_observed and not one.trouble)
    )
    return Finding(value=share, evidence=calm, why=_state(view))


def calm(view: View, _: Candidate) -> Finding:
    """How little the worst alert claims."""
    worst = _worst(view.readings.values())
    alerts = tuple(one.item.id for one in view.readings.values() if one.alerts)
    return Finding(value=1 - SEVERITY_WEIGHTS[worst], evidence=alerts, why=f"The worst alert is {worst}.")


def absence_of_causes(view: View, _: Candidate) -> Finding:
    """How little the evidence points at any cause."""
    telling = max(view.readings.values(), key=lambda one: one.trouble)
    why = f"The most telling evidence, {telling.item.id}, points at a cause with strength {telling.trouble:.2f}."
    return Finding(value=1 - telling.trouble, evidence=(telling.item.id,), why=why)


CAUSE_ASPECTS: Final = (
    Aspect(name="signature strength", weight=0.51, judge=signature_strength),
    Aspect(name="corroboration", weight=0.12, judge=corroboration),
    Aspect(name="specificity", weight=0.04, judge=specificity),
    Aspect(name="onset order", weight=0.05, judge=onset_order),
    Aspect(name="topology", weight=0.12, judge=topology),
    Aspect(name="recent change", weight=0.06, judge=recent_change),
    Aspect(name="past causes", weight=0.04, judge=past_causes),
    Aspect(name="severity", weight=0.03, judge=severity),
    Aspect(name="base rate", weight=0.03, judge=base_rate),
)

NULL_ASPECTS: Final = (
    Aspect(name="harmlessness", weight=0.50, judge=harmlessness),
    Aspect(name="absence of causes", weight=0.40, judge=absence_of_causes),
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
    harmless = [
        id_
        for id_, one in view.readings.items()
        if one.strength(CauseCode.NONE) or (one.is_observed and one.item.weight == 0)
    ]
    words = f"; harmless by its own words: {', '.join(harmless)}" if harmless else ""
    return f"{len(resolved)} of {len(view.case.alerts)} alerts are resolved{since}{words}."


def _likeness(past: Evidence) -> float:
    """How like this incident a past one is, 0-1, less the longer ago it was."""
    return past.numbers["similarity"] * float(0.5 ** (max(past.numbers["days"], 0.0) / HALF_LIFE_DAYS))


def _sources(reading: Reading) -> set[str]:
    """The kinds of alert behind an item, or the item itself where it was observed."""
    return {alert.name for alert in reading.alerts} or {reading.item.id}


def _where(view: View, components: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        one.item.id for one in view.readings.values() if one.item.component in components and one.trouble >= TROUBLE
    )


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values) if values else 0.0


def _minutes(delay: timedelta) -> str:
    return f"{delay // timedelta(minutes=1)} min"
