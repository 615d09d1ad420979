"""How many tokens our prompt takes, against all payloads of a case as JSON. Counted offline.

Both are counted with the same instructions and the same schema of the answer, which a provider bills as well.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from bpe_openai import get_encoding

from scripts.evaluation import cases as given
from shared.alerts.payloads import read_alertmanager, read_prometheus
from shared.alerts.values import AlertStatus, Delivery, service_of, severity_of, title_of
from shared.hypotheses.evidence import collect
from shared.hypotheses.model_candidates import SCHEMA
from shared.hypotheses.prompting import INSTRUCTIONS, prompt_of
from shared.hypotheses.values import Alert, Case, Change, EvidenceKind, Observation, Series, Service

CASES: Final = Path("tests/data/cases/cases")
LIMIT: Final = 0.4
"""The share of the naive prompt that ours may have, as a median."""

_ENCODING: Final = "o200k_base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One case: the tokens of our prompt and of the naive one, and ours as a share of it."""

    id: str
    ours: int
    naive: int
    share: float


def measure(folder: Path) -> list[Tokens]:
    """Count the tokens of every case of a folder."""
    return [_tokens(case) for case in given.read_cases(folder)]


def summary(found: Sequence[Tokens]) -> dict[str, Any]:
    """Return the figures, as JSON has them."""
    shares = sorted(one.share for one in found)
    return {
        "encoding": _ENCODING,
        "cases": len(found),
        "median_share": round(median(shares), 3),
        "highest_share": round(shares[-1], 3),
        "ours_median": median(one.ours for one in found),
        "ours_highest": max(one.ours for one in found),
        "naive_median": median(one.naive for one in found),
        "by_case": [asdict(one) for one in found],
    }


def table(figures: dict[str, Any]) -> str:
    """Return the figures for people."""
    rows = [f"{'case':<32}{'ours':>8}{'naive':>9}{'share':>8}"]
    rows += [f"{one['id']:<32}{one['ours']:>8,}{one['naive']:>9,}{one['share']:>8.0%}" for one in figures["by_case"]]
    return "\n".join((*rows, f"median share {figures['median_share']:.0%}, at most {LIMIT:.0%} wanted"))


def _tokens(case: given.Case) -> Tokens:
    understood = _case(case)
    prompt = prompt_of(understood, collect(understood))
    told = case.model_dump(mode="json", include={"services", "webhooks", "changes", "evidence"})
    fixed = _count(INSTRUCTIONS) + _count(json.dumps(SCHEMA))
    ours, naive = fixed + _count(prompt.question), fixed + _count(json.dumps(told, separators=(",", ":")))
    return Tokens(id=case.id, ours=ours, naive=naive, share=ours / naive)


def _count(text: str) -> int:
    return len(get_encoding(_ENCODING).encode(text, disallowed_special=()))


def _case(case: given.Case) -> Case:
    """The case as the product would assemble it, without its stores."""
    alerts: list[Alert] = []
    for webhook in case.webhooks:
        read = read_prometheus if webhook.kind == "prometheus" else read_alertmanager
        alerts += [_alert(one, case) for one in read(json.dumps(webhook.body).encode(), case.at).deliveries]
    first = min(alerts, key=lambda one: one.starts_at)
    return Case(
        incident_id=case.id,
        title=first.title,
        service=first.service,
        opened_at=first.starts_at,
        at=case.at,
        alerts=tuple(alerts),
        observations=tuple(_observation(one) for one in case.evidence),
        changes=tuple(Change(**one.model_dump()) for one in case.changes),
        services=tuple(Service(name=one.name, depends_on=one.depends_on) for one in case.services),
    )


def _alert(one: Delivery, case: given.Case) -> Alert:
    return Alert(
        id=one.fingerprint,
        fingerprint=one.fingerprint,
        title=title_of(one.labels, one.annotations),
        labels=one.labels,
        annotations=one.annotations,
        severity=severity_of(one.labels),
        service=service_of(one.labels) or None,
        starts_at=one.starts_at or case.at,
        ends_at=one.ends_at,
        resolved=one.status is AlertStatus.RESOLVED,
    )


def _observation(one: given.Evidence) -> Observation:
    points = tuple((at, value) for at, value in one.series.points if value is not None) if one.series else ()
    return Observation(
        kind=EvidenceKind(one.kind),
        component=one.component,
        at=one.at,
        title=one.title,
        text=one.text,
        series=Series(unit=one.series.unit, points=points) if one.series and points else None,
    )
