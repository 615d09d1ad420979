"""Which label of an alert names the culprit."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final

from shared.hypotheses.values import Alert, Case, CauseCode

NODE_LABELS: Final = ("node", "kube_node", "kubernetes_node", "nodename", "host", "hostname")

WORKLOAD_LABELS: Final = (
    "service",
    "app",
    "app_kubernetes_io_name",
    "application",
    "deployment",
    "statefulset",
    "daemonset",
    "workload",
    "workload_name",
    "cronjob",
    "job_name",
    "pod",
    "pod_name",
    "job",
    *NODE_LABELS,
    "instance",
    "namespace",
    "cluster",
)
"""Most telling first: who owns the work, then what runs it, then where it runs."""

SCOPE_LABELS: Final = (
    "service",
    "app",
    "job",
    *NODE_LABELS,
    "namespace",
    "cluster",
    "availability_zone",
    "zone",
    "region",
)
"""Narrowest first: what a storm over many components may have in common."""

FOCUS: Final[Mapping[CauseCode, tuple[str, ...]]] = MappingProxyType(
    {
        CauseCode.NODE_FAILURE: NODE_LABELS,
        CauseCode.CLOCK_SKEW: NODE_LABELS,
        CauseCode.DISK_FULL: ("persistentvolumeclaim", *NODE_LABELS),
        CauseCode.DISK_IO: NODE_LABELS,
        CauseCode.STORAGE_VOLUME_FAILURE: ("persistentvolumeclaim", "persistentvolume"),
        CauseCode.REPLICATION_LAG: ("replica", "standby"),
        CauseCode.QUEUE_BACKLOG: ("queue", "topic"),
        CauseCode.SCHEDULED_JOB_FAILURE: ("cronjob", "job_name"),
    }
)
"""Causes that sit somewhere else than in the workload that suffers."""

REPORTERS: Final = re.compile(
    r"^(kube-?(let|-?apiserver|-?controller-manager|-?scheduler|-?proxy)|kubelet|scheduler|(cluster|horizontal"
    r"|vertical)"
    r"-(pod-)?autoscaler|node-controller|deployment-controller|containerd|dockerd|systemd|kernel|fluent-?bit|fluentd"
    r"|logstash|vector|promtail|otel-collector|cluster|pods?|nodes?|services?|deployments?|jobs?|namespaces?"
    r"|events?|configmaps?|secrets?|default)$"
)
"""Parts of a platform that mostly write about others, and kinds of things, which are no thing."""

_EXPORTER: Final = re.compile(
    r"(^|[-_/])(kube-state-metrics|node-exporter|node_exporter|cadvisor|kubelet|blackbox|pushgateway|prometheus)$"
    r"|[-_]exporter$"
)

# The alphabet of generated names (k8s.io/apimachinery/pkg/util/rand) has neither vowels nor look-alike digits.
_GENERATED: Final = "[bcdfghjklmnpqrstvwxz2456789]"
GENERATED_SUFFIX: Final = rf"(-{_GENERATED}{{6,10}})?-{_GENERATED}{{5}}|-[0-9]+"
"""What a controller adds to its name for each of its pods: a regular expression, also in RE2."""

_POD_SUFFIX: Final = re.compile(rf"({GENERATED_SUFFIX})$")
_PORT: Final = re.compile(r":\d+$")


def is_exporter(name: str) -> bool:
    """Whether the name is a messenger's: an exporter reports on others."""
    return bool(_EXPORTER.search(name))


def service_of(case: Case) -> str | None:
    """The service that the incident is filed under, unless that is a messenger."""
    return case.service if case.service and not is_exporter(case.service) else None


def workload_of(name: str, known: Iterable[str]) -> str:
    """The component that a name stands for: itself where it is known, else the known one that it is an instance of.

    A pod, job or volume is called after its owner ("checkout-7f9dd8b6c4-x7gr9").
    """
    owners = [owner for owner in known if name == owner or name.startswith((f"{owner}-", f"{owner}."))]
    return max(owners, key=len, default="") or _POD_SUFFIX.sub("", name)


def component_of(alert: Alert, service: str | None) -> str:
    """The workload, else the machine, else the place that the labels name; else the incident's service or the alert."""
    named = chain((alert.service,), (_subject(label, alert.labels.get(label)) for label in WORKLOAD_LABELS))
    return next((name for name in named if name and not is_exporter(name)), service or alert.name)


def focus_of(code: CauseCode, alerts: Sequence[Alert], component: str) -> str:
    """Where this cause would sit: what all the alerts name in a label of the cause's own, else `component`."""
    return shared_label(alerts, FOCUS.get(code, ())) or component


def shared_label(alerts: Sequence[Alert], labels: Iterable[str]) -> str | None:
    """The first label's value that all the alerts have in common, if any."""
    for label in labels:
        named = (_subject(label, alert.labels.get(label)) for alert in alerts)
        name = next(named, None)
        if name and not is_exporter(name) and all(other == name for other in named):
            return name
    return None


def _subject(label: str, value: str | None) -> str | None:
    """A pod stands for its owner, a scrape address for its host."""
    match label:
        case "pod" | "pod_name" | "job_name" if value:
            return _POD_SUFFIX.sub("", value)
        case "instance" if value:
            return _PORT.sub("", value)
        case _:
            return value
