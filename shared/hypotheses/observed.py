"""What was seen beside the alerts, as items that can be cited: what is telling singly, what is well in groups."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log2, log10
from typing import Final

from shared.hypotheses.knowledge.components import REPORTERS, component_of, workload_of
from shared.hypotheses.knowledge.measures import read_measure
from shared.hypotheses.knowledge.signatures import read
from shared.hypotheses.knowledge.states import is_quiet, says_ok, says_over
from shared.hypotheses.knowledge.wording import Signature
from shared.hypotheses.lines import Line, telling_lines
from shared.hypotheses.series import Movement, Shape, likeness, movement, sketch
from shared.hypotheses.spans import Span, slowest_span
from shared.hypotheses.values import Case, CauseCode, Evidence, EvidenceKind, Observation, Series

MAX_OBSERVED_ITEMS: Final = 40
LONG_BEFORE: Final = timedelta(hours=2)
"""What was seen so long before the first alert belongs to another story."""

PAST: Final = 0.3
"""What is over by now, or long past, still counts as this much of what it says."""

COMFORT: Final = 0.6
"""From this strength on, a text that says that all is well again is worth citing by itself."""

TOGETHER: Final = 0.7
"""From this rank correlation on, a measure moves with the one that an alert goes by."""

_MIN_MOVE: Final = 0.55  # what a barely significant move counts; a hundredfold one counts fully
_NAMED: Final = 6
_TEXT_CHARACTERS: Final = 1_200
_STATE_KINDS: Final = frozenset({EvidenceKind.EVENT, EvidenceKind.NOTE})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """An observation as an item, with what it is about in its own words (`name`) and how it is meant.

    `began` is when a measure left its usual level, if it did.
    """

    item: Evidence
    name: str
    title: str
    strength: float
    is_well: bool
    is_comfort: bool = False
    is_gone: bool = False
    began: datetime | None = None

    @property
    def is_telling(self) -> bool:
        return self.strength > 0 or self.is_comfort


def observed_items(case: Case) -> list[Evidence]:
    """At most `MAX_OBSERVED_ITEMS` items, not yet numbered, in order of time."""
    known = known_components(case)
    onset = min((alert.starts_at for alert in case.alerts), default=case.opened_at)
    own = next((one.series for one in case.observations if one.is_own and one.series), None)
    seen = _earliest_named([_seen(one, case, known, onset, own) for one in case.observations])
    states = [one for one in seen if one.item.kind is EvidenceKind.NOTE]
    well = {one.name: one.item.at for one in states if one.is_well or one.is_gone}
    for comfort in (one for one in seen if one.is_comfort):
        well[comfort.name] = max(well.get(comfort.name, comfort.item.at), comfort.item.at)
    ill = {one.name for one in states if one.strength and not one.is_gone}
    judged = [_outlived(one, well, ill, onset) for one in seen]
    telling = sorted((one for one in judged if one.is_telling), key=_telling_first)[: MAX_OBSERVED_ITEMS - _NAMED]
    concerned = {one.item.component for one in telling} | {component_of(alert, case.service) for alert in case.alerts}
    quiet = [one for one in judged if not one.is_telling]
    items = [
        *_distinct(telling),
        *_groups(one for one in quiet if one.item.component in concerned),
        *_elsewhere([one for one in quiet if one.item.component not in concerned]),
    ]
    return sorted(items, key=lambda item: (item.at, item.component, item.text))


def known_components(case: Case) -> tuple[str, ...]:
    """What the topology, the alerts and the changes call by name."""
    named = [service.name for service in case.services]
    named += [one for service in case.services for one in service.depends_on]
    named += [alert.service for alert in case.alerts if alert.service]
    named += [one.component for one in case.changes]
    labels = ("workload_name", "deployment", "statefulset", "daemonset", "job_name", "cronjob")
    named += [alert.labels[label] for alert in case.alerts for label in labels if alert.labels.get(label)]
    known = tuple(dict.fromkeys(name for name in named if name))
    owners = [workload_of(alert.labels["pod"], known) for alert in case.alerts if alert.labels.get("pod")]
    return tuple(dict.fromkeys((*known, *owners)))


def _earliest_named(seen: Sequence[_Seen]) -> list[_Seen]:
    """Where several measures moved, the first of them says so: causes come before effects."""
    began = sorted({one.began for one in seen if one.began})
    if len(began) < 2:  # noqa: PLR2004 - the first of one is no first
        return list(seen)
    return [
        replace(one, item=replace(one.item, text=f"{one.item.text}; the first measure to move"))
        if one.began == began[0]
        else one
        for one in seen
    ]


def _seen(one: Observation, case: Case, known: Sequence[str], onset: datetime, own: Series | None) -> _Seen:
    name = _subject(one, case, known)
    item = Evidence(
        id="",
        kind=one.kind,
        component=workload_of(name, known) if name else case.service or case.title,
        at=one.at,
        text=one.title,
        numbers={},
    )
    moved = movement(one.series) if one.series else None
    if one.series and moved is not None:
        together = None if one.is_own or own is None else likeness(one.series, own)
        return _measured(one, one.series, item, moved, name, onset, together)
    slow = slowest_span(one.text) if one.kind is EvidenceKind.TRACE else None
    if slow is not None:
        return _traced(one, item, slow, known)
    if says_ok(one.title):
        return _Seen(item=item, name=name, title=one.title, strength=0.0, is_well=True)
    return _told(one, item, name, known)


def _subject(one: Observation, case: Case, known: Sequence[str]) -> str:
    """What an observation is about: its component, or whom a reporter writes about."""
    if one.component and not REPORTERS.match(one.component):
        return one.component
    text = f"{one.title} {one.text}"
    return next((name for name in known if name in text), case.service or "")


def _measured(
    one: Observation,
    series: Series,
    item: Evidence,
    moved: Movement,
    name: str,
    onset: datetime,
    together: float | None,
) -> _Seen:
    """A course as a statement. `together` is its rank correlation with the one that an alert goes by, where known."""
    unit = f" {series.unit}" if series.unit else ""
    title = one.title.partition(" (")[0].strip()
    minutes = round((onset - moved.began).total_seconds() / 60)
    when = f"{minutes} min before" if minutes > 0 else f"{-minutes} min after" if minutes else "with"
    course = f"around {moved.before:.4g}{unit}"
    if moved.shape is not Shape.STEADY:
        course = f"{moved.before:.4g} to {moved.extreme:.4g}{unit}, beginning {when} the first alert"
    statement = f"{title} {moved.shape.value}: {course}"
    numbers = {"before": moved.before, "after": moved.after, "extreme": moved.extreme, "score": moved.score}
    if together is not None:
        numbers["likeness"] = together
        if together >= TOGETHER:
            statement += f"; moves with what the alert measures, rank correlation {together:.2f}"
    signatures = read_measure(statement)
    strength = _strength(signatures)
    is_back = moved.shape in {Shape.SPIKED, Shape.DIPPED}
    weight = PAST if is_back else _MIN_MOVE + (1 - _MIN_MOVE) * _size(moved)
    return _Seen(
        item=replace(
            item,
            kind=EvidenceKind.METRIC,
            at=one.at if moved.shape is Shape.STEADY else moved.began,
            text=statement,
            numbers=numbers,
            weight=weight if strength else 1.0,
            query=one.query or None,
            series=sketch(series),
        ),
        name=name,
        title=title,
        strength=strength * weight,
        # What we thought of asking says nothing of what we did not ask, so it denies no alert.
        is_well=moved.shape is Shape.STEADY and not one.query,
        began=moved.began if moved.shape is not Shape.STEADY else None,
    )


def _size(moved: Movement) -> float:
    """How large a move is, 0-1: both against the noise and against the level, so that a wobble of little is little."""
    if moved.shape in {Shape.SATURATED, Shape.RAN_OUT, Shape.BROKE_OFF}:
        return 1.0
    low, high = sorted((abs(moved.before), abs(moved.extreme)))
    doublings = log2(high / low) if low else 2.0
    return min(log10(max(moved.score, 1)) / 2, doublings / 2, 1.0)


def _traced(one: Observation, item: Evidence, slow: Span, known: Sequence[str]) -> _Seen:
    what = "query" if slow.is_query else "work"
    share = slow.own_ms / slow.ms if slow.ms else 0.0
    text = f"{one.title}; {what} in {slow.service} took {slow.own_ms / 1_000:.0f} seconds of its own: {slow.name}"
    return _Seen(
        item=replace(
            item,
            component=workload_of(slow.service, known),
            text=text[:_TEXT_CHARACTERS],
            numbers={"own_ms": slow.own_ms, "share": share},
        ),
        name=slow.service,
        title=one.title,
        strength=_strength(read(text)),
        is_well=False,
    )


def _told(one: Observation, item: Evidence, name: str, known: Sequence[str]) -> _Seen:
    """A log, an event, a state or a trace in its telling lines."""
    body = "" if is_quiet(one.title) and not _is_loud(one.text) else one.text
    lines = telling_lines(_rows_about(body, {*known, one.component, name}))
    strength = max([*(_strength(read(line.text)) for line in lines), _strength(read(one.title))])
    comfort = max((_comfort(line.text) for line in lines), default=0.0)
    text = "; ".join((one.title, *(_quoted(line) for line in lines)))[:_TEXT_CHARACTERS]
    is_gone = says_over(one.text)
    return _Seen(
        item=replace(item, text=text, weight=PAST if is_gone else 1.0),
        name=name,
        title=one.title,
        strength=strength * (PAST if is_gone else 1.0),
        is_well=not strength and one.kind is EvidenceKind.NOTE and comfort > 0,
        is_comfort=not strength and comfort >= COMFORT,
        is_gone=is_gone,
    )


def _is_loud(text: str) -> bool:
    return any(not is_quiet(f"info {line}") for line in text.splitlines())


def _comfort(text: str) -> float:
    return max((one.points.get(CauseCode.NONE, 0.0) for one in read(text)), default=0.0)


def _rows_about(text: str, names: Iterable[str]) -> str:
    """A listing of many things keeps its rows about the case's own; other text stays as it is."""
    lines = text.splitlines()
    is_listing = len(lines) > 1 and sum("  " in line.strip() for line in lines) > 0.8 * len(lines)
    if not is_listing or not lines[0].strip().replace(" ", "").replace("-", "").isupper():
        return text
    named = [name for name in names if name and name in text and not REPORTERS.match(name)]
    return "\n".join(line for line in lines[1:] if any(name in line for name in named))


def _strength(signatures: Iterable[Signature]) -> float:
    return max(
        (value for one in signatures for code, value in one.points.items() if code is not CauseCode.NONE), default=0.0
    )


def _quoted(line: Line) -> str:
    return f"{line.text} (x{line.count})" if line.count > 1 else line.text


def _outlived(one: _Seen, well: dict[str, datetime], ill: set[str], onset: datetime) -> _Seen:
    """What a later state denies, or what is long past, counts less."""
    is_denied = one.item.kind in _STATE_KINDS and one.name not in ill and well.get(one.name, one.item.at) > one.item.at
    is_old = one.item.at < onset - LONG_BEFORE
    if not one.is_telling or one.item.weight <= PAST or not (is_denied or is_old):
        return one
    reason = "by now it is well" if is_denied else "long before the first alert"
    item = replace(one.item, weight=PAST, text=f"{one.item.text} [{reason}]")
    return replace(one, item=item, strength=one.strength * PAST)


def _telling_first(one: _Seen) -> tuple[float, datetime, str]:
    return (-one.strength, one.item.at, one.item.text)


def _distinct(seen: Iterable[_Seen]) -> list[Evidence]:
    """Each text once a component; the same from several instances is one item with a count."""
    kinds: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for one in seen:
        kinds[one.item.component, one.item.text.replace(one.name, "") if one.name else one.item.text].append(one.item)
    return [
        replace(items[0], numbers={**items[0].numbers, "times": float(len(items))}) if len(items) > 1 else items[0]
        for items in kinds.values()
    ]


def _elsewhere(seen: Sequence[_Seen]) -> list[Evidence]:
    """What tells nothing of components that nothing else concerns, as one item."""
    if not seen:
        return []
    components = sorted({one.item.component for one in seen})
    named = ", ".join(components[:_NAMED]) + (", …" if len(components) > _NAMED else "")
    return [
        Evidence(
            id="",
            kind=EvidenceKind.NOTE,
            component=components[0],
            at=max(one.item.at for one in seen),
            text=f"Nothing telling elsewhere, on {len(components)} components: {named}",
            numbers={"untelling": float(len(seen))},
            weight=0.0,
        )
    ]


def _groups(seen: Iterable[_Seen]) -> list[Evidence]:
    """What is well, and what tells nothing, as one item for each component and kind."""
    quiet: dict[tuple[str, EvidenceKind, bool], list[_Seen]] = defaultdict(list)
    for one in seen:
        quiet[one.item.component, one.item.kind, one.is_well].append(one)
    return [
        Evidence(
            id="",
            kind=kind,
            component=component,
            at=max(one.item.at for one in group),
            text=_sum_up(component, kind, group, is_well=is_well),
            numbers={"well" if is_well else "untelling": float(len(group))},
            weight=0.0,
        )
        for (component, kind, is_well), group in quiet.items()
    ]


def _sum_up(component: str, kind: EvidenceKind, group: Sequence[_Seen], *, is_well: bool) -> str:
    titles = list(dict.fromkeys(one.title for one in group))
    named = "; ".join(titles[:_NAMED]) + ("; …" if len(titles) > _NAMED else "")
    if kind is EvidenceKind.METRIC:
        return f"Steady measures of {component}: {named}"
    return f"{component} is well: {named}" if is_well else f"Nothing telling of {component}: {named}"
