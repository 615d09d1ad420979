"""Metrics as Prometheus reads them: its text format."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Final

from shared.platform.metrics import COUNTED, PREFIX, SUM, Counter, Gauge, Histogram, Reading, Series

if TYPE_CHECKING:
    from prometheus_client import Metric

type Families = Iterator[Metric]

MEDIA_TYPE: Final = "text/plain; version=0.0.4"


def exposition(counts: Mapping[Series, int], readings: Iterable[Reading]) -> bytes:
    """Write totals, in steps of their metrics, and gauges. Counts that nobody declares any more are left out."""
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - 0.1 s that few processes need

    class Found:
        def collect(self) -> Families:
            return chain(_counted(counts), _read(readings))

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Found())
    return generate_latest(registry)


def _counted(counts: Mapping[Series, int]) -> Families:
    of_metric: defaultdict[str, dict[Series, int]] = defaultdict(dict)
    for (name, *rest), count in counts.items():
        of_metric[name][tuple(rest)] = count
    for metric in COUNTED:
        if found := of_metric.get(metric.name):
            yield _counter(metric, found) if isinstance(metric, Counter) else _histogram(metric, found)


def _counter(counter: Counter, found: Mapping[Series, int]) -> "Metric":
    from prometheus_client.metrics_core import CounterMetricFamily  # noqa: PLC0415 - as above

    family = CounterMetricFamily(PREFIX + counter.name, counter.help, labels=counter.labels)
    for labels, count in sorted(found.items()):
        family.add_metric(labels, count / counter.steps)
    return family


def _histogram(histogram: Histogram, found: Mapping[Series, int]) -> "Metric":
    from prometheus_client.metrics_core import HistogramMetricFamily  # noqa: PLC0415 - as above

    family = HistogramMetricFamily(PREFIX + histogram.name, histogram.help, labels=histogram.labels)
    bounds = (*map(str, histogram.buckets), "+Inf")
    for labels in sorted({series[:-1] for series in found}):
        counts = accumulate(found.get((*labels, str(place)), 0) for place in range(len(bounds)))
        total = found.get((*labels, SUM), 0) / histogram.steps
        family.add_metric(labels, list(zip(bounds, counts, strict=True)), total)
    return family


def _read(readings: Iterable[Reading]) -> Families:
    from prometheus_client.metrics_core import GaugeMetricFamily  # noqa: PLC0415 - as above

    families: dict[Gauge, GaugeMetricFamily] = {}
    for reading in readings:
        gauge = reading.gauge
        if gauge not in families:
            families[gauge] = GaugeMetricFamily(PREFIX + gauge.name, gauge.help, labels=gauge.labels)
        families[gauge].add_metric(reading.labels, reading.value)
    yield from families.values()
