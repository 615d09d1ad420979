"""All that may be cited, from every source, as one bounded and numbered list."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.hypotheses.alert_evidence import alert_items
from shared.hypotheses.knowledge.components import workload_of
from shared.hypotheses.observed import known_components, observed_items
from shared.hypotheses.values import Case, Change, Evidence, EvidenceKind, PastCause

MAX_CHANGES: Final = 15
MAX_HISTORY: Final = 5
MAX_RUNBOOKS: Final = 3

_TEXT_CHARACTERS: Final = 600


def collect(case: Case) -> tuple[Evidence, ...]:
    """Return the evidence, numbered E1, E2, …: alerts in order of onset, then what else was seen and is known."""
    items = [
        *alert_items(case),
        *observed_items(case),
        *_changes(case),
        *_topology(case),
        *(_history(past, case.at) for past in case.history[:MAX_HISTORY]),
        *(_note(case, EvidenceKind.RUNBOOK, text) for text in case.runbooks[:MAX_RUNBOOKS]),
        *(_gap(case, text) for text in case.gaps),
    ]
    return tuple(replace(item, id=f"E{number}") for number, item in enumerate(items, start=1))


def onset_of(case: Case) -> datetime:
    """When the trouble was first told of."""
    return min((alert.starts_at for alert in case.alerts), default=case.opened_at)


def _changes(case: Case) -> Iterable[Evidence]:
    """The changes nearest to the onset, those before it first."""
    onset, known = onset_of(case), known_components(case)
    nearest = sorted(case.changes, key=lambda one: (one.at > onset, abs(one.at - onset), one.id))
    return [_change(one, onset, workload_of(one.component, known)) for one in nearest[:MAX_CHANGES]]


def _change(one: Change, onset: datetime, component: str) -> Evidence:
    minutes = (onset - one.at) / timedelta(minutes=1)
    when = f"{minutes:.0f} min before" if minutes >= 0 else f"{-minutes:.0f} min after"
    detail = f"; {one.detail}" if one.detail else ""
    return Evidence(
        id="",
        kind=EvidenceKind.CHANGE,
        component=component,
        at=one.at,
        text=f"{one.kind} of {one.component}, {when} the first alert: {one.title}{detail}"[:_TEXT_CHARACTERS],
        numbers={"minutes_before": minutes},
        change_id=one.id,
    )


def _topology(case: Case) -> Iterable[Evidence]:
    calls = [f"{name} calls {', '.join(called)}" for name, called in sorted(case.calls.items()) if called]
    if calls:
        yield _note(case, EvidenceKind.TOPOLOGY, "; ".join(calls))


def _history(past: PastCause, now: datetime) -> Evidence:
    days = (now - past.confirmed_at) // timedelta(days=1)
    cause = f"{past.cause_code} of {past.component}"
    return Evidence(
        id="",
        kind=EvidenceKind.HISTORY,
        component=past.component,
        at=past.confirmed_at,
        text=f"{past.reference}, {days} days ago and like this one, was caused by {cause}",
        numbers={"similarity": past.similarity, "days": float(days)},
    )


def _note(case: Case, kind: EvidenceKind, text: str) -> Evidence:
    return Evidence(
        id="", kind=kind, component=case.service or case.title, at=case.at, text=text[:_TEXT_CHARACTERS], numbers={}
    )


def _gap(case: Case, text: str) -> Evidence:
    """What could not be looked at. It tells of our sources, so it speaks neither for nor against any cause."""
    return replace(_note(case, EvidenceKind.NOTE, text), numbers={"gap": 1.0}, weight=0.0)
