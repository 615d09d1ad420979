"""What came of a run, for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from scripts.proof.chaos.recovery import Times
from scripts.proof.chaos.verdict import Findings

_ALERTS_A_SECOND: Final = 60
_SECONDS_A_BLOW: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run is made of. A run that `hurries` waits less long for what others may still do."""

    alerts: int
    blows: int
    seed: int
    hurries: bool

    @property
    def seconds(self) -> float:
        """How long traffic goes on."""
        return max(self.alerts / _ALERTS_A_SECOND, self.blows * _SECONDS_A_BLOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a run. Times in seconds."""

    wanted: Wanted
    posts: int
    accepted: int
    queued: int
    incidents: int
    events: int
    blows: Sequence[str]
    findings: Findings
    to_incident: Times
    to_finish: Times
    database_back: Times
    from_queue: Times
    model_calls: int
    extra_model_calls: int
    unaudited_by_death: int
    unsettled_model_calls: int
    dead_letters: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        found = asdict(self)
        counts = {kind: len(errors) for kind, errors in found["findings"].items()}
        return {**found, **counts, "findings": list(self.findings.shown()), "right": self.findings.is_right}


def table(report: Report) -> str:
    """Return what people read."""
    wanted, findings, is_right = report.wanted, report.findings, report.findings.is_right
    rows: list[tuple[str, object]] = [
        ("alerts accepted", f"{report.accepted} of {wanted.alerts}, in {report.posts} posts"),
        ("… by the queue", report.queued),
        ("blows", len(report.blows)),
        ("incidents, events", f"{report.incidents}, {report.events}"),
        ("lost", len(findings.lost)),
        ("doubled", len(findings.doubled)),
        ("phantom", len(findings.phantom)),
        ("sequence gaps", len(findings.gaps)),
        ("other errors", len(findings.other)),
        ("model calls", report.model_calls),
        ("… made again", report.extra_model_calls),
        ("… not settled yet", report.unsettled_model_calls),
        ("dead letters", report.dead_letters),
        ("calls not audited", f"{report.unaudited_by_death}, which a killed process had gathered"),
    ]
    lines = [f"{name:<20}{value}" for name, value in rows]
    lines.append(f"\n{'seconds':<44}{'count':>7}{'p50':>9}{'p99':>9}{'longest':>9}")
    for name, times in (
        ("worker killed: post to incident", report.to_incident),
        ("PostgreSQL back: to a webhook stored in it", report.database_back),
        ("stored on the queue: to the database", report.from_queue),
        ("event recorded: to its consumers' end", report.to_finish),
    ):
        lines.append(f"{name:<44}{times.count:>7}{times.p50:>9.2f}{times.p99:>9.2f}{times.longest:>9.2f}")
    lines += ["", *findings.shown()] if not is_right else []
    hurried = " (waits of the product shortened)" if wanted.hurries else ""
    lines.append(f"\n{'right' if is_right else 'WRONG'} in {report.seconds:.0f} s, seed {wanted.seed}{hurried}")
    return "\n".join(lines)
