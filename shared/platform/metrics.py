"""The one list of what is measured. Counts are whole numbers of a metric's smallest step, so that no sum is rounded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "srecopilot_"
ALIVE_SECONDS: Final = 15
"""For how long after its last report a process counts as one at work."""

SUM: Final = "sum"
_MICRO: Final = 1_000_000
_NANO: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Only ever grows. `steps` are in one: the smallest amount that can be counted is 1/`steps`."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    steps: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Durations in seconds, counted by the smallest of `buckets` that holds them."""

    name: str
    help: str
    buckets: tuple[float, ...]
    labels: tuple[str, ...] = ()
    steps: int = _MICRO


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """How something is at the moment it is asked for."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A gauge's value, for one value of each of its labels."""

    gauge: Gauge
    value: float
    labels: tuple[str, ...] = ()


_WAITS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_JOBS: Final = (0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

HTTP_REQUESTS: Final = Counter(
    name="http_requests_total", help="Answered calls of the API.", labels=("method", "route", "code")
)
HTTP_SECONDS: Final = Histogram(
    name="http_request_duration_seconds",
    help="How long calls of the API took, by the class of their status.",
    labels=("method", "route", "status"),
    buckets=_WAITS,
)
FUNCTION_SECONDS: Final = Histogram(
    name="function_duration_seconds",
    help="How long runs of queue and timer functions took.",
    labels=("function", "result"),
    buckets=_JOBS,
)
INGEST_ALERTS: Final = Counter(
    name="ingest_alerts_total",
    help="Alerts taken in: new, repeated (they said nothing new), or rejected.",
    labels=("result",),
)
INGEST_SPILLED: Final = Counter(
    name="ingest_spilled_alerts_total", help="Alerts that went to the queue first, because the database did not answer."
)
AI_CALLS: Final = Counter(
    name="ai_calls_total", help="Questions to the language model, by outcome.", labels=("model", "outcome")
)
AI_TOKENS: Final = Counter(
    name="ai_tokens_total", help="Tokens used: input, cached (of the input), output.", labels=("model", "kind")
)
AI_COST: Final = Counter(
    name="ai_cost_usd_total", help="What the language model cost, in US dollars.", labels=("model",), steps=_NANO
)
CACHE_REQUESTS: Final = Counter(
    name="cache_requests_total", help="Looks into a cache: hit, miss, or bypass.", labels=("cache", "result")
)
LOCK_WAIT_SECONDS: Final = Histogram(
    name="lock_wait_seconds", help="How long locks were waited for.", labels=("lock", "result"), buckets=_JOBS
)
NOTIFICATION_TRIES: Final = Counter(
    name="notification_tries_total",
    help="Tries to notify somebody, by the kind of channel: sent or failed.",
    labels=("channel", "result"),
)
COUNTED: Final[tuple[Counter | Histogram, ...]] = (
    HTTP_REQUESTS,
    HTTP_SECONDS,
    FUNCTION_SECONDS,
    INGEST_ALERTS,
    INGEST_SPILLED,
    AI_CALLS,
    AI_TOKENS,
    AI_COST,
    CACHE_REQUESTS,
    LOCK_WAIT_SECONDS,
    NOTIFICATION_TRIES,
)

PROCESSES: Final = Gauge(name="processes", help=f"Processes that did something in the last {ALIVE_SECONDS} s.")
POOL_CONNECTIONS: Final = Gauge(
    name="database_pool_connections",
    help="Database connections of those processes: in use, and idle.",
    labels=("pool", "state"),
)
BREAKERS_OPEN: Final = Gauge(
    name="breakers_open", help="Those processes that let something rest, because it failed.", labels=("breaker",)
)
AUDIT_WAITING: Final = Gauge(
    name="audit_waiting_calls", help="Calls in those processes that are not audited yet: no store has taken them."
)
QUEUE_DEPTH: Final = Gauge(name="queue_depth", help="About how many messages are on a queue.", labels=("queue",))
QUEUE_AGE: Final = Gauge(
    name="queue_oldest_age_seconds", help="How long a queue's first message has been there.", labels=("queue",)
)
CONNECTIONS: Final = Gauge(name="realtime_connections", help="Open WebSocket connections of live clients.")
RELAY_LAG: Final = Gauge(name="relay_lag_seconds", help="For how long the first event has been due to be relayed.")
RELAY_PENDING: Final = Gauge(name="relay_due_events", help="Events due to be relayed; counted up to 10,000.")
INCIDENTS: Final = Gauge(name="open_incidents", help="Open incidents.", labels=("state", "severity"))
DEAD_LETTERS: Final = Gauge(
    name="dead_letters", help="What could not be processed and is kept for people to see.", labels=("source",)
)
BUDGET_SPENT: Final = Gauge(
    name="ai_budget_spent_usd", help="What all tenants have spent on the language model this month, and hold back."
)
BUDGET_LIMIT: Final = Gauge(name="ai_budget_limit_usd", help="What they may spend, those that have used it at all.")
BUDGET_TENANTS: Final = Gauge(
    name="ai_budget_tenants", help="Tenants by the share of their budget that is spent.", labels=("used",)
)
BUDGET_USED: Final = Gauge(
    name="ai_budget_used_ratio", help="What the tenant that comes closest to its budget has spent of it, or holds back."
)
SCRAPE_ERRORS: Final = Gauge(
    name="scrape_errors", help="1 for what did not answer in time and is missing here.", labels=("part",)
)

type Series = tuple[str, ...]
"""A metric's name, the values of its labels, and for a histogram the bucket's place, or `sum`."""

type State = Mapping[Gauge, Mapping[tuple[str, ...], float]]
