"""The words of root-cause analysis: what goes in, what is weighed, what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from shared.services.graph import Calls


class CauseCode(StrEnum):
    """The closed list of root causes. `NONE`: not an incident, or already recovered."""

    CPU_SATURATION = "cpu_saturation"
    MEMORY_EXHAUSTION = "memory_exhaustion"
    DISK_FULL = "disk_full"
    DISK_IO = "disk_io"
    CONNECTION_POOL_EXHAUSTED = "connection_pool_exhausted"
    THREAD_OR_FD_EXHAUSTION = "thread_or_fd_exhaustion"
    QUOTA_EXCEEDED = "quota_exceeded"
    UNSCHEDULABLE = "unschedulable"
    NODE_FAILURE = "node_failure"
    IMAGE_PULL_FAILURE = "image_pull_failure"
    MISSING_CONFIG_OR_SECRET = "missing_config_or_secret"  # noqa: S105 - a cause, not a credential
    WRONG_CONFIGURATION = "wrong_configuration"
    WRONG_PORT_OR_SELECTOR = "wrong_port_or_selector"
    BAD_PROBE = "bad_probe"
    BAD_RESOURCE_LIMITS = "bad_resource_limits"
    PERMISSION_DENIED = "permission_denied"
    BAD_RELEASE = "bad_release"
    FEATURE_FLAG = "feature_flag"
    ROLLOUT_STUCK = "rollout_stuck"
    CRASH_LOOP = "crash_loop"
    DEADLOCK = "deadlock"
    NETWORK_LATENCY = "network_latency"
    PACKET_LOSS = "packet_loss"
    NETWORK_PARTITION = "network_partition"
    DNS_FAILURE = "dns_failure"
    TLS_CERTIFICATE = "tls_certificate"
    DEPENDENCY_UNAVAILABLE = "dependency_unavailable"
    DEPENDENCY_SLOW = "dependency_slow"
    THIRD_PARTY_OUTAGE = "third_party_outage"
    LOCK_CONTENTION = "lock_contention"
    SLOW_QUERY = "slow_query"
    REPLICATION_LAG = "replication_lag"
    STORAGE_VOLUME_FAILURE = "storage_volume_failure"
    QUEUE_BACKLOG = "queue_backlog"
    CACHE_FAILURE = "cache_failure"
    TRAFFIC_SPIKE = "traffic_spike"
    SCHEDULED_JOB_FAILURE = "scheduled_job_failure"
    CLOUD_OUTAGE = "cloud_outage"
    DATA_CORRUPTION = "data_corruption"
    CLOCK_SKEW = "clock_skew"
    NONE = "none"


class EvidenceKind(StrEnum):
    """Where a piece of evidence comes from."""

    ALERT = "alert"
    METRIC = "metric"
    LOG = "log"
    EVENT = "event"
    TRACE = "trace"
    CHANGE = "change"
    TOPOLOGY = "topology"
    HISTORY = "history"
    RUNBOOK = "runbook"
    NOTE = "note"


class OutcomeKind(StrEnum):
    """`RANKED`: at least one explanation passes the bar. `INCONCLUSIVE`: none does."""

    RANKED = "ranked"
    INCONCLUSIVE = "inconclusive"


SEVERITY_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"critical": 1.0, "high": 0.8, "medium": 0.5, "low": 0.2, "info": 0.0}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert as the analysis may see it. `severity` is a key of `SEVERITY_WEIGHTS`.

    `generator_url` is where its sender shows what it goes by, empty where it does not.
    """

    id: str
    fingerprint: str
    title: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    severity: str
    service: str | None
    starts_at: datetime
    ends_at: datetime | None
    resolved: bool
    generator_url: str = ""

    @property
    def name(self) -> str:
        """What the sender calls this kind of alert, whatever it says of the single case."""
        return self.labels.get("alertname") or self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A measured course: times ascending, values in `unit` (as its source names it, empty where it does not)."""

    unit: str
    points: tuple[tuple[datetime, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Something seen beside the alerts: a log, an event, a state, a trace, a measurement. `at` is when it was so.

    `query` is what its source was asked for it, empty where it was sent to us; `is_own` says that an alert itself goes
    by it.
    """

    kind: EvidenceKind
    component: str
    at: datetime
    title: str
    text: str
    series: Series | None = None
    query: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that somebody changed. `kind` is the sender's word: deploy, config, flag, commit, scale, infra, …"""

    id: str
    at: datetime
    kind: str
    component: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service of the topology, with those that it calls."""

    name: str
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCause:
    """A confirmed cause of an earlier incident that was like this one; `similarity` in 0-1, `reference` its number."""

    reference: str
    component: str
    cause_code: CauseCode
    confirmed_at: datetime
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An incident and all that may be used to explain it, as of `at`.

    `confirmed` counts by cause how often people confirmed it in the project's other incidents of the last year, and
    `gaps` says in a sentence each what could not be looked at.
    """

    incident_id: str
    title: str
    service: str | None
    opened_at: datetime
    at: datetime
    alerts: tuple[Alert, ...]
    observations: tuple[Observation, ...] = ()
    changes: tuple[Change, ...] = ()
    services: tuple[Service, ...] = ()
    history: tuple[PastCause, ...] = ()
    confirmed: Mapping[CauseCode, int] = field(default_factory=dict)
    runbooks: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def calls(self) -> Calls:
        """Who calls whom, by name."""
        return {service.name: service.depends_on for service in self.services}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One citable observation. `id` is "E1", "E2", … within its case; `alert_ids` are the alerts that it stands for.

    `weight` in 0-1 says how far it still counts: less than 1 where it is long past, was denied by a later state, or is
    small. `change_id` names the change that it shows, if any. `query` is what anybody can ask its source to see the
    same, and `series` the measured course in few points.
    """

    id: str
    kind: EvidenceKind
    component: str
    at: datetime
    text: str
    numbers: Mapping[str, float]
    alert_ids: tuple[str, ...] = ()
    weight: float = 1.0
    change_id: str | None = None
    query: str | None = None
    series: Series | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A possible cause, not yet weighed. Evidence is cited by id."""

    component: str
    cause_code: CauseCode
    claim: str
    evidence_for: tuple[str, ...]
    evidence_against: tuple[str, ...] = ()
    change_id: str | None = None
    source: str = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One term of a confidence: `contribution` is `weight` times `value` (0-1); `why` is one sentence."""

    name: str
    weight: float
    value: float
    contribution: float
    evidence: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to look at that could refute a hypothesis, and what each result means."""

    instruction: str
    command: str | None
    supports: str
    refutes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A weighed candidate. `confidence` is in 0-1 and equals the sum of the factors' contributions."""

    rank: int
    component: str
    cause_code: CauseCode
    change_id: str | None
    claim: str
    description: str
    confidence: float
    factors: tuple[Factor, ...]
    evidence_for: tuple[str, ...]
    evidence_against: tuple[str, ...]
    check: Check
    source: str = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledOut:
    """A candidate that was weighed and not kept, with the reason in one sentence."""

    component: str
    cause_code: CauseCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an analysis found. `lead` is the strongest cause when nothing passed the bar, else None."""

    kind: OutcomeKind
    hypotheses: tuple[Hypothesis, ...]
    lead: Hypothesis | None
    ruled_out: tuple[RuledOut, ...]
