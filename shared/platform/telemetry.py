"""Traces (W3C Trace Context, OpenTelemetry), and what is being worked on, for the logs.

A trace goes on through stored text: an event and a queue message carry the `traceparent` of who made them. Spans are
exported only where a destination is configured; otherwise OpenTelemetry is not even imported, and ids go on alone.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from shared.kernel.errors import DomainError, Unavailable
from shared.platform.settings import Settings

if TYPE_CHECKING:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_NOTHING: Final = {"0" * 32, "0" * 16}
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_EXPORT_SECONDS: Final = 5.0

type Attributes = Mapping[str, str | int | float | bool]


class Kind(Enum):
    """What a span stands for, by OpenTelemetry's own names."""

    INTERNAL = "INTERNAL"
    SERVER = "SERVER"
    CLIENT = "CLIENT"
    PRODUCER = "PRODUCER"
    CONSUMER = "CONSUMER"


@dataclass(frozen=True, slots=True)
class Span:
    """A step of a trace. `traceparent` is what the next process gets to go on from here."""

    traceparent: str
    _recorded: "trace.Span | None" = None

    def tell(self, attributes: Attributes) -> None:
        """Add what is known only now. Never what users wrote: traces leave the tenant."""
        if self._recorded is not None:
            self._recorded.set_attributes(attributes)

    def fail(self, reason: str) -> None:
        """Say that it went wrong; `reason` is the name of an error, or a status."""
        if self._recorded is not None:
            from opentelemetry.trace import StatusCode  # noqa: PLC0415 - loaded only where spans are exported

            self._recorded.set_attribute("error.type", reason)
            self._recorded.set_status(StatusCode.ERROR)


@dataclass(slots=True)
class Work:
    """What is being worked on: one request, message or tick. Logs say of it what is known by then."""

    span: Span
    request_id: str = ""
    tenant_id: str = ""


_NO_WORK: Final = Work(Span(""))
_work: Final[ContextVar[Work]] = ContextVar("work", default=_NO_WORK)
_tracer: "trace.Tracer | None" = None
_provider: "TracerProvider | None" = None


def current() -> Work:
    """Return what is being worked on; all of it is empty between requests."""
    return _work.get()


@contextmanager
def working(
    name: str, kind: Kind, *, parent: str | None = None, links: Iterable[str] = (), attributes: Attributes | None = None
) -> Iterator[Work]:
    """Begin a piece of work: `parent` and `links` are `traceparent`s. A malformed parent is replaced by a new trace."""
    given = parent or "" if _tracer is not None else continue_trace(parent)
    with span(name, kind, parent=given, links=links, attributes=attributes) as begun:
        work = Work(begun)
        token = _work.set(work)
        try:
            yield work
        finally:
            _work.reset(token)


def span(
    name: str,
    kind: Kind = Kind.INTERNAL,
    *,
    parent: str = "",
    links: Iterable[str] = (),
    attributes: Attributes | None = None,
) -> AbstractContextManager[Span]:
    """Time a step of the trace of `parent`, or of what is being worked on. `links` are other traces that meet in it."""
    if _tracer is None:
        return nullcontext(Span(parent or _work.get().span.traceparent))
    return _recording(_tracer, name, kind, parent, links, attributes)


def meeting(traceparents: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Return where a step goes on that several traces meet in, and what it is linked to: the first, and the others."""
    first, *others = dict.fromkeys(traceparents) or [""]
    return first, tuple(others)


def continue_trace(traceparent: str | None) -> str:
    """Return a `traceparent` of our own: the caller's trace goes on in it, or a new one begins."""
    found = _read(traceparent)
    trace_id = found[0] if found else secrets.token_hex(16)
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"


def trace_id_of(traceparent: str) -> str:
    """Return the 32 hex digits that name a trace."""
    return traceparent.split("-")[1] if traceparent.count("-") == 3 else ""  # noqa: PLR2004 - the format has four parts


def request_id_of(given: str | None, trace: str) -> str:
    """Return the caller's request id where it is a sane one, else one of ours."""
    return given if given and _REQUEST_ID.fullmatch(given) else trace_id_of(trace)


def start(settings: Settings) -> None:
    """Export spans to where the settings say; where they say nothing, nothing is loaded."""
    if not settings.application_insights.get_secret_value() and not settings.otlp_endpoint:
        return
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - 0.3 s of imports, Azure's exporter 0.8 s
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased  # noqa: PLC0415 - as above

    # By trace id, and not by the caller's flag: every process keeps the same traces, and no sender decides which.
    provider = TracerProvider(
        sampler=TraceIdRatioBased(settings.trace_ratio),
        resource=Resource.create({"service.name": settings.service_name}),
    )
    if given := settings.application_insights.get_secret_value():
        from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter  # noqa: PLC0415 - as above

        # Without files: what cannot be exported soon is not worth a disk that is shared and never emptied.
        exporter = AzureMonitorTraceExporter(connection_string=given, disable_offline_storage=True)
        provider.add_span_processor(BatchSpanProcessor(exporter))
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - as above

        url = f"{settings.otlp_endpoint.rstrip('/')}/v1/traces"
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(url, timeout=_EXPORT_SECONDS)))
    trace_with(provider)


def trace_with(provider: "TracerProvider | None") -> None:
    """Record spans with a provider from now on, or with none."""
    global _provider, _tracer  # noqa: PLW0603 - OpenTelemetry is one of a process, like the logs
    _provider = provider
    _tracer = provider.get_tracer("sre-copilot") if provider else None


async def stop() -> None:
    """Export what waits, as far as that takes five seconds at most."""
    provider = _provider
    trace_with(None)
    if provider is not None:
        try:
            await asyncio.wait_for(asyncio.to_thread(provider.shutdown), _EXPORT_SECONDS)
        except TimeoutError:
            log.warning("the last spans were not exported within %d seconds", _EXPORT_SECONDS)


@contextmanager
def _recording(
    tracer: "trace.Tracer", name: str, kind: Kind, parent: str, links: Iterable[str], attributes: Attributes | None
) -> Iterator[Span]:
    from opentelemetry import trace  # noqa: PLC0415 - loaded only where spans are exported

    found = [context for one in links if (context := _remote(one)) is not None]
    above = _remote(parent)
    with tracer.start_as_current_span(
        name,
        context=trace.set_span_in_context(trace.NonRecordingSpan(above)) if above else None,
        kind=trace.SpanKind[kind.value],
        links=[trace.Link(context) for context in found],
        attributes=attributes,
        record_exception=False,  # the text of an error may hold what users wrote; the log has it
        set_status_on_exception=False,
    ) as recorded:
        own = recorded.get_span_context()
        begun = Span(f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}", recorded)
        try:
            yield begun
        except Exception as error:
            if not isinstance(error, DomainError) or isinstance(error, Unavailable):
                begun.fail(type(error).__name__)
            raise


def _remote(traceparent: str) -> "trace.SpanContext | None":
    from opentelemetry.trace import SpanContext, TraceFlags  # noqa: PLC0415 - loaded only where spans are exported

    found = _read(traceparent)
    if found is None:
        return None
    return SpanContext(int(found[0], 16), int(found[1], 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _read(traceparent: str | None) -> tuple[str, str] | None:
    """Return a trace's and a span's id, or None where that is no `traceparent` of the version that we know."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found is None or _NOTHING & set(found.groups()):
        return None
    return found[1], found[2]
