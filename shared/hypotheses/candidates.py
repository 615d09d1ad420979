"""What might have caused it: the rules generator, and the law that every candidate must cite what was observed."""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.hypotheses.knowledge.causes import CAUSES
from shared.hypotheses.knowledge.components import focus_of, service_of
from shared.hypotheses.reading import Reading, interpret
from shared.hypotheses.values import Candidate, Case, CauseCode, Evidence

MIN_CAUSES: Final = 2
"""A ranking needs at least so many causes beside the null candidate."""

USUAL_SUSPECTS: Final = (CauseCode.BAD_RELEASE, CauseCode.DEPENDENCY_UNAVAILABLE)
"""What is asked first when the alerts name no cause: what changed, and what is down."""


def propose(case: Case, evidence: Sequence[Evidence]) -> tuple[Candidate, ...]:
    """What the rules suspect: one candidate for each component and cause, and the null candidate.

    Causes come from the wordings in the evidence. Where these are too few to compete, the usual suspects join them,
    on the component that was first to be seen.
    """
    readings = interpret(case, evidence)
    cited = _suspected(readings)
    if len(cited) < MIN_CAUSES:
        for first in readings[:1]:
            for code in USUAL_SUSPECTS:
                cited.setdefault((first.item.component, code), (first.item.id,))
    causes = (_cause(component, code, ids, readings) for (component, code), ids in cited.items())
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


def _suspected(readings: Iterable[Reading]) -> dict[tuple[str, CauseCode], tuple[str, ...]]:
    """Evidence ids by the component and cause that their wordings point at."""
    cited: dict[tuple[str, CauseCode], tuple[str, ...]] = {}
    for reading in readings:
        for code in sorted({code for signature in reading.signatures for code in signature.points} - {CauseCode.NONE}):
            key = (focus_of(code, reading.alerts, reading.item.component), code)
            cited[key] = (*cited.get(key, ()), reading.item.id)
    return cited


def _cause(component: str, code: CauseCode, cited: tuple[str, ...], readings: Iterable[Reading]) -> Candidate:
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
    )


def _null(case: Case, readings: Sequence[Reading]) -> Candidate:
    """Nothing is wrong, or no longer: what is over or harmless by its own words is for it, the rest against it."""
    components = {reading.item.component for reading in readings}
    component = components.pop() if len(components) == 1 else service_of(case) or case.title
    harmless = [reading.resolved >= 1 or reading.strength(CauseCode.NONE) > 0 for reading in readings]
    return Candidate(
        component=component,
        cause_code=CauseCode.NONE,
        claim=CAUSES[CauseCode.NONE].claim.format(component=component),
        evidence_for=tuple(reading.item.id for reading, calm in zip(readings, harmless, strict=True) if calm),
        evidence_against=tuple(reading.item.id for reading, calm in zip(readings, harmless, strict=True) if not calm),
    )
