"""What an analysis found, and what it found it in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.hypotheses.judging import CheckOutcome, Verdict
from shared.hypotheses.values import CauseCode
from shared.incidents.tables import incident_key
from shared.platform.tables import Base, TenantTable, project_key

_CAUSES = ", ".join(f"'{code}'" for code in sorted(CauseCode))
_OUTCOMES = ", ".join(f"'{outcome}'" for outcome in sorted(CheckOutcome))
_VERDICTS = ", ".join(f"'{verdict}'" for verdict in sorted(Verdict))


class EvidenceRow(TenantTable, Base):
    """One citable observation of one analysis run; `code` is its name there, E1, E2, …

    `series` is the measured course behind it, as in `ObservationRow`, and `query` what its source was asked.
    """

    __tablename__ = "evidence"
    __table_args__ = (incident_key(), UniqueConstraint("tenant_id", "incident_id", "run", "code"))

    incident_id: Mapped[UUID]
    run: Mapped[int]
    code: Mapped[str]
    kind: Mapped[str]
    component: Mapped[str]
    at: Mapped[datetime]
    text: Mapped[str]
    numbers: Mapped[dict[str, Any]]
    alert_ids: Mapped[list[str]]
    weight: Mapped[float] = mapped_column(server_default="1")
    change_id: Mapped[str | None]
    query: Mapped[str | None]
    series: Mapped[dict[str, Any] | None]


class ObservationRow(TenantTable, Base):
    """Something that somebody or something saw beside the alerts; the same thing said twice is one row.

    `series` holds `{"unit": …, "points": [[time, value], …]}`.
    """

    __tablename__ = "observations"
    __table_args__ = (incident_key(), UniqueConstraint("tenant_id", "incident_id", "digest"))

    incident_id: Mapped[UUID]
    kind: Mapped[str]
    component: Mapped[str]
    at: Mapped[datetime]
    title: Mapped[str]
    text: Mapped[str]
    series: Mapped[dict[str, Any] | None]
    digest: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class HypothesisRow(TenantTable, Base):
    """A ranked explanation of one analysis run. Evidence is cited by its code."""

    __tablename__ = "hypotheses"
    __table_args__ = (
        project_key(),
        incident_key(),
        # Deferred, because a check gives a whole run new ranks.
        UniqueConstraint("tenant_id", "incident_id", "run", "rank", deferrable=True, initially="DEFERRED"),
        Index("ix_hypotheses_incident", "tenant_id", "incident_id", "run"),
        CheckConstraint(f"cause_code in ({_CAUSES})", name="cause_code"),
        CheckConstraint("confidence_score between 0 and 1", name="confidence_score"),
    )

    project_id: Mapped[UUID]
    incident_id: Mapped[UUID]
    run: Mapped[int]
    rank: Mapped[int]
    component: Mapped[str]
    cause_code: Mapped[str]
    change_id: Mapped[str | None]
    claim: Mapped[str]
    description: Mapped[str]
    confidence_score: Mapped[float]
    factors: Mapped[list[dict[str, Any]]]
    evidence_for: Mapped[list[str]]
    evidence_against: Mapped[list[str]]
    check_to_make: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(server_default="rules")
    created_at: Mapped[datetime]


class JudgementRow(TenantTable, Base):
    """What people said of one cause of an incident, whichever run proposed it. At most one is confirmed.

    `rank` (from 1), `confidence` (0-1) and `source` are those that the cause had been given by the machine alone when
    the verdict was given: what its accuracy is measured by. `ranking` is all that it had proposed then, best first:
    `{"component": …, "cause_code": …, "confidence": …, "source": …}`.
    """

    __tablename__ = "judgements"
    __table_args__ = (
        project_key(),
        incident_key(),
        UniqueConstraint("tenant_id", "incident_id", "component", "cause_code"),
        Index(
            "uq_judgements_confirmed",
            "tenant_id",
            "incident_id",
            unique=True,
            postgresql_where=text("verdict = 'confirmed'"),
        ),
        Index(
            "ix_judgements_decided",
            "tenant_id",
            "project_id",
            "decided_at",
            postgresql_where=text("verdict is not null"),
        ),
        CheckConstraint(f"cause_code in ({_CAUSES})", name="cause_code"),
        CheckConstraint(f"check_outcome in ({_OUTCOMES})", name="check_outcome"),
        CheckConstraint(f"verdict in ({_VERDICTS})", name="verdict"),
    )

    project_id: Mapped[UUID]
    incident_id: Mapped[UUID]
    component: Mapped[str]
    cause_code: Mapped[str]
    claim: Mapped[str]
    check_outcome: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str] = mapped_column(server_default="")
    verdict: Mapped[str | None]
    reason: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(server_default="")
    rank: Mapped[int | None]
    confidence: Mapped[float | None]
    source: Mapped[str] = mapped_column(server_default="")
    ranking: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")


class AnalysisRow(TenantTable, Base):
    """How far the analysis of an incident (`id`) is. `leader_id` is the incident whose runs explain it: often itself.

    `run` counts the runs that were begun. `seen` is what the last one could see that was published (a snapshot): what
    was committed since is news. Until `running_until` nobody else begins one; `asked_at` is when the machine last began
    one, asked for one, or found that its project wants none. `findings` are what the language model proposed last, as
    `findings.py` keeps it.
    """

    __tablename__ = "analyses"
    __table_args__ = (
        incident_key("id"),
        project_key(),
        Index("ix_analyses_leader", "tenant_id", "leader_id", postgresql_where=text("leader_id <> id")),
    )

    project_id: Mapped[UUID]
    leader_id: Mapped[UUID]
    run: Mapped[int] = mapped_column(server_default="0")
    seen: Mapped[str]
    analysed_at: Mapped[datetime | None]
    running_until: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
