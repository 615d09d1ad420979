"""What might have caused it: the rules generator, and the law that every candidate must cite what was observed."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from shared.hypotheses.knowledge.causes import CAUSES
from shared.hypotheses.knowledge.changes import may_bring, own_cause, suspicion
from shared.hypotheses.knowledge.components import focus_of, service_of
from shared.hypotheses.reading import Reading, interpret
from shared.hypotheses.values import Candidate, Case, CauseCode, Evidence, EvidenceKind

MIN_CAUSES: Final = 2
"""A ranking needs at least so many causes beside the null candidate."""

USUAL_SUSPECTS: Final = (CauseCode.BAD_RELEASE, CauseCode.DEPENDENCY_UNAVAILABLE)
"""What is asked first when the alerts name no cause: what changed, and what is down."""

FAINT: Final = 0.15
"""Below this strength a wording suggests nothing."""

MAX_CITED: Final = 12

type _Suspects = dict[tuple[str, CauseCode], tuple[str, ...]]


def propose(case: Case, evidence: Sequence[Evidence]) -> tuple[Candidate, ...]:
    """What the rules suspect: one candidate for each component and cause, and the null candidate.

    Causes come from the wordings in the evidence, from changes before the onset and from confirmed causes of the past.
    Where these are too few to compete, the usual suspects join them, on the component that was first to be seen.
    """
    readings = interpret(case, evidence)
    cited = _suspected(readings)
    guilty = _changed(readings, cited)
    _remembered(readings, cited)
    if len(cited) < MIN_CAUSES:
        for first in readings[:1]:
            for code in USUAL_SUSPECTS:
                cited.setdefault((first.item.component, code), (first.item.id,))
    causes = (
        _cause(component, code, ids[:MAX_CITED], readings, guilty.get((component, code)))
        for (component, code), ids in cited.items()
    )
    return (*causes, _null(case, readings))


def grounded(candidates: Iterable[Candidate], evidence: Iterable[Evidence]) -> tuple[Candidate, ...]:
    """Only what cites evidence, and none that does not exist.

    A cause needs evidence for it; the null candidate may rest on what speaks against it alone.
    """
    known = {item.id for item in evidence}
    return tuple(candidate for candidate in candidates if _is_grounded(candidate, known))


def _is_grounded(candidate: Candidate, known: set[str]) -> bool:
    cited = {*candidate.evidence_for, *candidate.evidence_against}
    foundation = cited if candidate.cause_code is CauseCode.NONE else candidate.evidence_for
    return bool(foundation) and cited <= known


def _suspected(readings: Iterable[Reading]) -> _Suspects:
    """Evidence ids by the component and cause that their wordings point at."""
    cited: _Suspects = {}
    for reading in readings:
        for code in sorted({code for signature in reading.signatures for code in signature.points} - {CauseCode.NONE}):
            if reading.strength(code) >= FAINT:
                key = (focus_of(code, reading.alerts, reading.item.component), code)
                cited[key] = (*cited.get(key, ()), reading.item.id)
    return cited


def _changed(readings: Iterable[Reading], cited: _Suspects) -> dict[tuple[str, CauseCode], str]:
    """Add what changes before the onset may have caused; return which change is to blame for what.

    A change is blamed for what a change can bring about on its component, else suspected by its kind alone.
    """
    guilty: dict[tuple[str, CauseCode], str] = {}
    changes = [one.item for one in readings if one.item.kind is EvidenceKind.CHANGE and one.item.change_id]
    for change in changes:  # the nearest to the onset comes first
        if not suspicion(timedelta(minutes=change.numbers["minutes_before"])):
            continue
        own = (change.component, own_cause(change.text))
        brought = [key for key in cited if key[0] == change.component and may_bring(change.text, key[1])]
        for key in dict.fromkeys((own, *brought)):
            if change.change_id and key not in guilty:
                guilty[key] = change.change_id
                cited[key] = (*cited.get(key, ()), change.id)
    return guilty


def _remembered(readings: Iterable[Reading], cited: _Suspects) -> None:
    """Add confirmed causes of incidents like this one."""
    for reading in readings:
        if reading.item.kind is EvidenceKind.HISTORY:
            code = next(one for one in CauseCode if f"caused by {one} of " in reading.item.text)
            key = (reading.item.component, code)
            if code is not CauseCode.NONE:
                cited[key] = (*cited.get(key, ()), reading.item.id)


def _cause(
    component: str, code: CauseCode, cited: tuple[str, ...], readings: Iterable[Reading], change_id: str | None
) -> Candidate:
    return Candidate(
        component=component,
        cause_code=code,
        claim=CAUSES[code].claim.format(component=component),
        evidence_for=cited,
        evidence_against=tuple(
            reading.item.id
            for reading in readings
            if reading.item.component == component and reading.item.id not in cited and reading.contradicts(code)
        ),
        change_id=change_id,
    )


def _null(case: Case, readings: Sequence[Reading]) -> Candidate:
    """Nothing is wrong, or no longer: what is over or harmless is for it, the trouble against it."""
    spoken = [one for one in readings if one.alerts or one.is_observed]
    components = {reading.item.component for reading in spoken}
    component = components.pop() if len(components) == 1 else service_of(case) or case.title
    calm = [one.item.id for one in spoken if one.is_harmless or (one.is_observed and not one.trouble)]
    return Candidate(
        component=component,
        cause_code=CauseCode.NONE,
        claim=CAUSES[CauseCode.NONE].claim.format(component=component),
        evidence_for=tuple(calm[:MAX_CITED]),
        evidence_against=tuple([one.item.id for one in spoken if one.item.id not in calm][:MAX_CITED]),
    )
