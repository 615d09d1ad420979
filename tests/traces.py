"""What this process traces, kept in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler

from shared.platform import telemetry


class Traces:
    """The spans that have ended so far."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def all(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def named(self, name: str, trace_id: str = "") -> list[ReadableSpan]:
        """Return the spans of a name, in the order in which they ended: of one trace, or of all."""
        return [one for one in self.all() if one.name == name and trace_id in {"", trace_of(one)}]

    def of(self, trace_id: str) -> dict[str, ReadableSpan]:
        """Return a trace's spans by their name; of equal names the last."""
        return {one.name: one for one in self.all() if trace_of(one) == trace_id}


@contextmanager
def traced(sampler: Sampler = ALWAYS_ON) -> Iterator[Traces]:
    """Trace what happens within."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    telemetry.trace_with(provider)
    try:
        yield Traces(exporter)
    finally:
        telemetry.trace_with(None)


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def id_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.span_id)


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def linked(span: ReadableSpan) -> set[str]:
    """The traces that meet in a span besides its own."""
    return {f"{one.context.trace_id:032x}" for one in span.links}
