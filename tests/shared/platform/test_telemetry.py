import asyncio
import gzip
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

from shared.kernel.errors import Conflict, Unavailable
from shared.platform.telemetry import (
    Kind,
    continue_trace,
    current,
    meeting,
    request_id_of,
    span,
    start,
    stop,
    trace_id_of,
    working,
)
from tests.shared.platform.offline import offline
from tests.traces import traced

REPOSITORY = Path(__file__).parents[3]
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
OURS = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01")


def test_the_caller_s_trace_goes_on_under_a_span_of_our_own() -> None:
    ours = continue_trace(PARENT)
    assert OURS.fullmatch(ours)
    assert trace_id_of(ours) == TRACE
    assert ours != PARENT


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "nonsense",
        PARENT.upper(),
        f"{PARENT}\n",
        f" {PARENT}",
        PARENT.replace("00-", "ff-", 1),
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{PARENT}-more",
    ],
)
def test_a_malformed_trace_is_replaced(parent: str | None) -> None:
    ours = continue_trace(parent)
    assert OURS.fullmatch(ours)
    assert trace_id_of(ours) != TRACE


@given(st.text())
def test_no_header_breaks_the_trace(parent: str) -> None:
    assert OURS.fullmatch(continue_trace(parent))


def test_no_two_requests_share_a_trace_by_themselves() -> None:
    assert trace_id_of(continue_trace(None)) != trace_id_of(continue_trace(None))


@pytest.mark.parametrize("text", ["", "nonsense", "a-b-c"])
def test_no_trace_has_no_id(text: str) -> None:
    assert trace_id_of(text) == ""


def test_a_sane_request_id_is_kept() -> None:
    assert request_id_of("deploy-42.retry_1", PARENT) == "deploy-42.retry_1"


@pytest.mark.parametrize(
    "given_id", [None, "", "short", "x" * 65, "a b c d e f", "12345678\r\nSet-Cookie: a=b", "ünïcödé!"]
)
def test_any_other_request_id_is_ours(given_id: str | None) -> None:
    assert request_id_of(given_id, PARENT) == TRACE


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_a_trace_is_kept_or_left_out_as_a_whole_whatever_its_caller_wants(ratio: float) -> None:
    for flag in ("00", "01"):
        with traced(TraceIdRatioBased(ratio)) as traces, working("a", Kind.SERVER, parent=PARENT[:-2] + flag) as work:
            with span("b") as inner:
                assert {trace_id_of(work.span.traceparent), trace_id_of(inner.traceparent)} == {TRACE}
            assert len(traces.all()) == ratio


def test_without_a_destination_ids_go_on_alone() -> None:
    with working("a", Kind.SERVER, parent=PARENT) as work, span("b") as inner:
        work.span.tell({"told": "nobody"})
        work.span.fail("nothing")
        assert OURS.fullmatch(inner.traceparent)
        assert trace_id_of(inner.traceparent) == TRACE
        assert current() is work
    assert current().span.traceparent == ""


def test_an_error_of_ours_marks_its_span_by_name_alone_and_a_refusal_does_not() -> None:
    with traced() as traces:
        for error in (LookupError("hidden"), Conflict("hidden"), Unavailable("hidden")):
            with pytest.raises(type(error)), span("a"):
                raise error
    assert [one.status.status_code.name for one in traces.all()] == ["ERROR", "UNSET", "ERROR"]
    assert "hidden" not in "".join(one.to_json() for one in traces.all())


@pytest.mark.parametrize(
    ("given_traces", "wanted"),
    [([], ("", ())), (["a"], ("a", ())), (["a", "a"], ("a", ())), (["b", "a", "b", "c"], ("b", ("a", "c")))],
)
def test_a_step_that_traces_meet_in_belongs_to_the_first(
    given_traces: list[str], wanted: tuple[str, tuple[str, ...]]
) -> None:
    assert meeting(given_traces) == wanted


class Collector:
    """Takes what is exported: by path, whether it was compressed or not."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append((request.path, await request.read()))
        return web.json_response({"itemsReceived": 1, "itemsAccepted": 1, "errors": []})


@pytest.fixture
async def collector() -> AsyncIterator[tuple[Collector, str]]:
    built, application = Collector(), web.Application()
    application.router.add_post("/{path:.*}", built.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield built, site.name
    await runner.cleanup()


async def test_spans_are_exported_by_otlp_before_the_process_ends(collector: tuple[Collector, str]) -> None:
    built, url = collector
    start(offline(OTEL_EXPORTER_OTLP_ENDPOINT=f"{url}/", OTEL_SERVICE_NAME="mine"))
    with working("a span", Kind.SERVER, parent=PARENT):
        pass
    await stop()
    ((path, body),) = built.taken
    (found,) = ExportTraceServiceRequest.FromString(body).resource_spans
    (exported,) = found.scope_spans[0].spans
    assert (path, exported.name, exported.trace_id.hex()) == ("/v1/traces", "a span", TRACE)
    assert "mine" in {one.value.string_value for one in found.resource.attributes}


async def test_spans_are_exported_to_application_insights(collector: tuple[Collector, str], tmp_path: Path) -> None:
    built, url = collector
    program = (
        "import asyncio\n"
        "from shared.platform import telemetry\n"
        "from tests.shared.platform.offline import offline\n"
        f"telemetry.start(offline(APPLICATIONINSIGHTS_CONNECTION_STRING='InstrumentationKey={uuid4()};"
        f"IngestionEndpoint={url}'))\n"
        f"with telemetry.working('a span', telemetry.Kind.SERVER, parent='{PARENT}'): pass\n"
        "asyncio.run(telemetry.stop())\n"
    )
    # In a process of its own, as the exporter also measures itself, for which it has threads and an address of its own.
    quiet = {"APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true", "TMPDIR": str(tmp_path)}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=REPOSITORY, env=quiet, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        _, errors = await running.communicate()
    assert running.returncode == 0, errors.decode()
    sent = [line for path, body in built.taken if path.startswith("/v2") for line in json.loads(_plain(body))]
    found = next(one for one in sent if one["data"]["baseType"] == "RequestData")
    assert (found["data"]["baseData"]["name"], found["tags"]["ai.operation.id"]) == ("a span", TRACE)
    assert files_of(tmp_path) == []


def files_of(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


async def test_a_destination_that_is_away_does_not_keep_the_process_from_ending() -> None:
    start(offline(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1"))
    with working("a span", Kind.SERVER):
        pass
    async with asyncio.timeout(30):
        await stop()
