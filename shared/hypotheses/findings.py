"""What a language model proposed last, kept so that later runs weigh it again by the evidence that they have.

The model is seldom asked, and an item of evidence has another id in each run. So a finding names its evidence by what
stays the same: the change, the alerts, the query, or else what was said of which component, whatever the numbers in it.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from shared.hypotheses.candidates import grounded
from shared.hypotheses.model_candidates import SOURCE
from shared.hypotheses.values import Candidate, CauseCode, Evidence

_MAX_ALERTS: Final = 20  # of one item: enough to know it again
_NUMBER: Final = re.compile(r"\d+")

type Marks = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A candidate of the model, with the marks of each item that it cites."""

    component: str
    cause_code: str
    claim: str
    change_id: str | None
    evidence_for: tuple[Marks, ...]
    evidence_against: tuple[Marks, ...]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read what is stored: lists where we have tuples."""
        cited = {name: tuple(map(tuple, stored[name])) for name in ("evidence_for", "evidence_against")}
        return cls(**{**stored, **cited})


def found(candidates: Iterable[Candidate], evidence: Iterable[Evidence]) -> tuple[Finding, ...]:
    """Return candidates as what is kept of them."""
    marks = {item.id: _marks(item) for item in evidence}
    return tuple(
        Finding(
            component=one.component,
            cause_code=one.cause_code.value,
            claim=one.claim,
            change_id=one.change_id,
            evidence_for=tuple(marks[id_] for id_ in one.evidence_for),
            evidence_against=tuple(marks[id_] for id_ in one.evidence_against),
        )
        for one in candidates
    )


def recalled(findings: Iterable[Finding], evidence: Sequence[Evidence]) -> tuple[Candidate, ...]:
    """Return findings as candidates that cite this evidence. What it does not show any more is not cited.

    A cause for which nothing is left is dropped.
    """
    ids: dict[str, str] = {}
    for item in evidence:
        for mark in _all_marks(item):
            ids.setdefault(mark, item.id)
    changes = {item.change_id for item in evidence}
    return grounded((_candidate(one, ids, changes) for one in findings), evidence)


def _candidate(one: Finding, ids: Mapping[str, str], changes: Iterable[str | None]) -> Candidate:
    supporting = _cited(one.evidence_for, ids)
    return Candidate(
        component=one.component,
        cause_code=CauseCode(one.cause_code),
        claim=one.claim,
        evidence_for=supporting,
        evidence_against=tuple(id_ for id_ in _cited(one.evidence_against, ids) if id_ not in supporting),
        change_id=one.change_id if one.change_id in changes else None,
        source=SOURCE,
    )


def _cited(items: Iterable[Marks], ids: Mapping[str, str]) -> tuple[str, ...]:
    known = (next((ids[mark] for mark in marks if mark in ids), None) for marks in items)
    return tuple(dict.fromkeys(id_ for id_ in known if id_))


def _marks(item: Evidence) -> Marks:
    return _all_marks(item)[:_MAX_ALERTS]


def _all_marks(item: Evidence) -> Marks:
    if item.change_id:
        return (f"change {item.change_id}",)
    if item.alert_ids:
        return tuple(f"alert {id_}" for id_ in item.alert_ids)
    if item.query:
        return (f"query {hashlib.sha256(f'{item.component} {item.query}'.encode()).hexdigest()}",)
    said = "\n".join((item.kind.value, item.component, _NUMBER.sub("#", item.text)))
    return (hashlib.sha256(said.encode()).hexdigest(),)
