"""What to ask Prometheus of a service and of its machines: rate, errors and duration, and what may be full.

The metrics are those of the Prometheus client libraries and the OpenTelemetry SDKs, Micrometer, gRPC and Istio,
cAdvisor, kube-state-metrics and node-exporter, and the exporters of PostgreSQL, MySQL, Redis, RabbitMQ and Kafka. The
title of a row is worded as `measures.py` reads it. Of rows with one title the first whose metrics exist is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SERVICE_LABELS: Final = (
    "service",
    "app",
    "app_kubernetes_io_name",
    "service_name",
    "deployment",
    "destination_workload",
    "container",
    "job",
)
"""The labels that name a service, most telling first. A pod is called after its owner, and comes last."""

MACHINE_LABELS: Final = ("instance", "node")

RATE: Final = "2m"
"""Two samples of a scrape each minute; a wider window blurs when it began."""


class Subject(StrEnum):
    """What a query is about."""

    SERVICE = "service"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A quantity, in `unit`, of the `metrics` it needs; in `expression`, `$` stands for the matchers of its subject."""

    title: str
    unit: str
    metrics: tuple[str, ...]
    expression: str
    subject: Subject = Subject.SERVICE

    def query(self, matchers: str) -> str:
        """The expression for a subject. The matchers are PromQL already."""
        return self.expression.replace("$", matchers)


# Counters of requests, with the labels that may hold the status, and which of its values are failures.
_STATUS: Final = ("code", "status", "status_code")
_REQUESTS: Final = (
    ("http_requests_total", _STATUS, "5.."),
    ("http_server_requests_total", _STATUS, "5.."),
    ("http_server_requests_seconds_count", ("status",), "5.."),
    ("http_server_request_duration_seconds_count", ("http_response_status_code", "http_status_code"), "5.."),
    ("http_request_duration_seconds_count", _STATUS, "5.."),
    ("istio_requests_total", ("response_code",), "5..|0"),
    ("grpc_server_handled_total", ("grpc_code",), "Unknown|DeadlineExceeded|Internal|Unavailable|DataLoss"),
)

_HISTOGRAMS: Final = (
    ("http_server_request_duration_seconds", "s"),
    ("http_request_duration_seconds", "s"),
    ("http_server_requests_seconds", "s"),
    ("http_server_duration_milliseconds", "ms"),
    ("istio_request_duration_milliseconds", "ms"),
    ("grpc_server_handling_seconds", "s"),
)

# What is used, of what there is.
_POOLS: Final = (
    ("db_pool_connections_in_use", "db_pool_connections_max"),
    ("hikaricp_connections_active", "hikaricp_connections_max"),
    ("jdbc_connections_active", "jdbc_connections_max"),
    ("go_sql_in_use_connections", "go_sql_max_open_connections"),
    ("go_sql_stats_connections_in_use", "go_sql_stats_connections_max_open"),
    ("pg_stat_activity_count", "pg_settings_max_connections"),
    ("mysql_global_status_threads_connected", "mysql_global_variables_max_connections"),
    ("redis_connected_clients", "redis_config_maxclients"),
)


def _requests() -> Iterator[Measure]:
    for metric, labels, failures in _REQUESTS:
        total = f"sum(rate({metric}{{$}}[{RATE}]))"
        failed = " or ".join(f'rate({metric}{{$,{label}=~"{failures}"}}[{RATE}])' for label in labels)
        yield Measure(title="requests", unit="per second", metrics=(metric,), expression=total)
        # A series of failures begins with the first one; before it there were none.
        share = f"(sum({failed}) or vector(0)) / ({total} > 0)"
        yield Measure(title="error ratio", unit="", metrics=(metric,), expression=share)


def _durations() -> Iterator[Measure]:
    for metric, unit in _HISTOGRAMS:
        quantile = f"histogram_quantile(0.95, sum by (le) (rate({metric}_bucket{{$}}[{RATE}])))"
        yield Measure(title="latency p95", unit=unit, metrics=(f"{metric}_bucket",), expression=quantile)
    for metric, unit in _HISTOGRAMS:
        of = (f"{metric}_sum", f"{metric}_count")
        mean = f"sum(rate({of[0]}{{$}}[{RATE}])) / (sum(rate({of[1]}{{$}}[{RATE}])) > 0)"
        yield Measure(title="mean latency", unit=unit, metrics=of, expression=mean)


def _shares() -> Iterator[Measure]:
    for used, most in _POOLS:
        share = f"100 * sum({used}{{$}}) / (sum({most}{{$}}) > 0)"
        yield Measure(title="connection pool usage", unit="percent", metrics=(used, most), expression=share)


_CONTAINER: Final = '$,container!="POD"'
_DISK: Final = '$,fstype!~"tmpfs|overlay|squashfs|ramfs"'

MEASURES: Final = (
    *_requests(),
    *_durations(),
    Measure(title="targets up", unit="", metrics=("up",), expression="sum(up{$})"),
    *_shares(),
    Measure(
        title="memory usage",
        unit="percent",
        metrics=("container_memory_working_set_bytes", "container_spec_memory_limit_bytes"),
        expression=(
            f"100 * max(container_memory_working_set_bytes{{{_CONTAINER}}}"
            f" / (container_spec_memory_limit_bytes{{{_CONTAINER}}} > 0))"
        ),
    ),
    Measure(
        title="memory usage",
        unit="bytes",
        metrics=("container_memory_working_set_bytes",),
        expression=f"max(container_memory_working_set_bytes{{{_CONTAINER}}})",
    ),
    Measure(
        title="memory usage",
        unit="bytes",
        metrics=("process_resident_memory_bytes",),
        expression="max(process_resident_memory_bytes{$})",
    ),
    Measure(
        title="heap usage",
        unit="percent",
        metrics=("jvm_memory_used_bytes", "jvm_memory_max_bytes"),
        expression=(
            '100 * max(sum by (instance) (jvm_memory_used_bytes{$,area="heap"})'
            ' / (sum by (instance) (jvm_memory_max_bytes{$,area="heap"}) > 0))'
        ),
    ),
    Measure(
        title="CPU usage",
        unit="cores",
        metrics=("container_cpu_usage_seconds_total",),
        expression=f"sum(rate(container_cpu_usage_seconds_total{{{_CONTAINER}}}[{RATE}]))",
    ),
    Measure(
        title="CPU usage",
        unit="cores",
        metrics=("process_cpu_seconds_total",),
        expression=f"sum(rate(process_cpu_seconds_total{{$}}[{RATE}]))",
    ),
    Measure(
        title="CPU throttling",
        unit="percent",
        metrics=("container_cpu_cfs_throttled_periods_total", "container_cpu_cfs_periods_total"),
        expression=(
            f"100 * sum(rate(container_cpu_cfs_throttled_periods_total{{$}}[{RATE}]))"
            f" / (sum(rate(container_cpu_cfs_periods_total{{$}}[{RATE}])) > 0)"
        ),
    ),
    Measure(
        title="container restarts",
        unit="in 10 minutes",
        metrics=("kube_pod_container_status_restarts_total",),
        expression="sum(increase(kube_pod_container_status_restarts_total{$}[10m]))",
    ),
    Measure(
        title="open file descriptors",
        unit="percent",
        metrics=("process_open_fds", "process_max_fds"),
        expression="100 * max(process_open_fds{$} / process_max_fds{$})",
    ),
    Measure(
        title="replication lag",
        unit="s",
        metrics=("pg_replication_lag_seconds",),
        expression="max(pg_replication_lag_seconds{$})",
    ),
    Measure(
        title="replication lag",
        unit="s",
        metrics=("mysql_slave_status_seconds_behind_master",),
        expression="max(mysql_slave_status_seconds_behind_master{$})",
    ),
    Measure(
        title="queue of messages",
        unit="",
        metrics=("rabbitmq_queue_messages_ready",),
        expression="sum(rabbitmq_queue_messages_ready{$})",
    ),
    Measure(
        title="consumer group lag",
        unit="messages",
        metrics=("kafka_consumergroup_lag",),
        expression="sum(kafka_consumergroup_lag{$})",
    ),
    Measure(
        title="evictions",
        unit="per second",
        metrics=("redis_evicted_keys_total",),
        expression=f"sum(rate(redis_evicted_keys_total{{$}}[{RATE}]))",
    ),
    Measure(
        title="CPU usage",
        unit="percent",
        metrics=("node_cpu_seconds_total",),
        expression=f'100 * (1 - avg(rate(node_cpu_seconds_total{{$,mode="idle"}}[{RATE}])))',
        subject=Subject.MACHINE,
    ),
    Measure(
        title="memory usage",
        unit="percent",
        metrics=("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"),
        expression="100 * (1 - min(node_memory_MemAvailable_bytes{$} / node_memory_MemTotal_bytes{$}))",
        subject=Subject.MACHINE,
    ),
    Measure(
        title="filesystem usage",
        unit="percent",
        metrics=("node_filesystem_avail_bytes", "node_filesystem_size_bytes"),
        expression=(
            f"100 * (1 - min(node_filesystem_avail_bytes{{{_DISK}}} / (node_filesystem_size_bytes{{{_DISK}}} > 0)))"
        ),
        subject=Subject.MACHINE,
    ),
    Measure(
        title="disk busy",
        unit="percent",
        metrics=("node_disk_io_time_seconds_total",),
        expression=f"100 * max(rate(node_disk_io_time_seconds_total{{$}}[{RATE}]))",
        subject=Subject.MACHINE,
    ),
    Measure(
        title="network packets dropped",
        unit="per second",
        metrics=("node_network_receive_drop_total",),
        expression=f"sum(rate(node_network_receive_drop_total{{$}}[{RATE}]))",
        subject=Subject.MACHINE,
    ),
    Measure(
        title="TCP retransmissions",
        unit="per second",
        metrics=("node_netstat_Tcp_RetransSegs",),
        expression=f"sum(rate(node_netstat_Tcp_RetransSegs{{$}}[{RATE}]))",
        subject=Subject.MACHINE,
    ),
    Measure(
        title="conntrack entries",
        unit="percent",
        metrics=("node_nf_conntrack_entries", "node_nf_conntrack_entries_limit"),
        expression="100 * max(node_nf_conntrack_entries{$} / node_nf_conntrack_entries_limit{$})",
        subject=Subject.MACHINE,
    ),
)
