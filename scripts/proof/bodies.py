"""Bodies that no sender would write, for every webhook parser, and what is wrong with what a parser makes of them.

A body is taken, in part or in whole, or refused as `Malformed`, which is a 400. What is taken can be stored: the
merge's own decisions hold for it, it fits into queue messages, and it comes out of them as it went in.
"""

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scripts.proof.hostile import corpus, pointers, written
from shared.alerts import payloads
from shared.alerts.grouping import group
from shared.alerts.policies import Policy
from shared.alerts.values import episodes_of, service_of, severity_of, title_of
from shared.changes import batches as change_batches
from shared.changes import payloads as change_payloads
from shared.incidents import batches
from shared.kernel.errors import Malformed
from shared.platform.foreign import MAX_LETTERS, Rejected, refusals
from shared.platform.queues import MAX_MESSAGE_BYTES

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAX_MEMORY: Final = 64  # bytes for each byte of a body
MAX_CPU: Final = 2e-5  # seconds for each byte of a body
_AT_LEAST: Final = 1024 * 1024  # bytes of memory that any body may take
_PAYLOADS: Final = Path(__file__).parents[2] / "tests" / "data" / "payloads"
_SENDER: Final[Mapping[str, Any]] = dict.fromkeys(
    ("batch_id", "tenant_id", "project_id", "integration_id"), UUID(int=1)
)
_MAX_REPEATED: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """A webhook's parser. `sample` is a body that it takes; `complaint` says what is wrong with what it took, if so."""

    read: Callable[[bytes, datetime], Any]
    complaint: Callable[[Any], str]
    sample: Any


def _body(name: str) -> Any:
    return json.loads((_PAYLOADS / f"{name}.json").read_text())["body"]


def _unstorable_alerts(received: payloads.Received) -> str:
    policy = Policy()
    for one in received.deliveries:
        group(one.labels, one.group, one.fingerprint, policy)
        severity_of(one.labels), service_of(one.labels), title_of(one.labels, one.annotations)
    episodes_of(received.deliveries, {}, NOW)
    batch = batches.Batch(
        **_SENDER,
        token_version=1,
        received_at=NOW,
        at=NOW,
        deliveries=received.deliveries,
        rejected=received.rejected,
        truncated=received.truncated,
    )
    messages = list(batches.pack(batch))
    found = [batches.unpack(message) for message in messages]
    arrived = sum(len(one.deliveries) + refusals(one.rejected) for one in found)
    is_whole = arrived == len(received.deliveries) + refusals(received.rejected)
    return _unsendable(messages, received.rejected) or ("" if is_whole else "is not whole once it was queued")


def _unstorable_changes(received: change_payloads.Received) -> str:
    batch = change_batches.ChangeBatch(
        **_SENDER, token_version=1, at=NOW, changes=received.changes, rejected=received.rejected
    )
    messages = list(change_batches.pack(batch))
    found = [change_batches.unpack(message) for message in messages]
    is_whole = tuple(change for one in found for change in one.changes) == received.changes
    return _unsendable(messages, received.rejected) or ("" if is_whole else "is not whole once it was queued")


def _unsendable(messages: Sequence[str], rejected: Sequence[Rejected]) -> str:
    if any(len(message.encode()) > MAX_MESSAGE_BYTES for message in messages):
        return "makes a message that no queue takes"
    if any("\\u0000" in message or "\x00" in message for message in messages):
        return "has a NUL in it, which PostgreSQL refuses"
    return "makes too many dead letters" if len(rejected) > MAX_LETTERS + 1 else ""


_OWN_ALERT: Final = {
    "name": "DiskFull", "status": "firing", "id": "a1", "title": "The disk is full", "severity": "p2",
    "service": "shop", "labels": {"pod": "shop-1"}, "annotations": {"runbook_url": "https://example.com"},
    "group": {"service": "shop"}, "starts_at": "2026-11-22T11:00:00Z", "ends_at": None, "url": "https://example.com",
}  # fmt: skip
_CHANGE: Final = {
    "id": 7, "at": "2026-11-22T11:00:00Z", "kind": "deploy", "component": "shop", "title": "shop 2.4.1",
    "detail": "to all", "author": "ci", "url": "https://example.com/7",
}  # fmt: skip

PARSERS: Final[Mapping[str, Parser]] = {
    name: Parser(read=read, complaint=complaint, sample=sample)
    for name, read, complaint, sample in (
        ("alertmanager", payloads.read_alertmanager, _unstorable_alerts, _body("alertmanager-mixed-2firing-1resolved")),
        ("grafana", payloads.read_alertmanager, _unstorable_alerts, _body("grafana-mixed.synthetic")),
        ("prometheus", payloads.read_prometheus, _unstorable_alerts, _body("prometheus-native-v2.synthetic")),
        ("one alert", payloads.read_alerts, _unstorable_alerts, _OWN_ALERT),
        ("alerts", payloads.read_alerts, _unstorable_alerts, [_OWN_ALERT, {"name": "Down"}]),
        ("one change", change_payloads.read_changes, _unstorable_changes, _CHANGE),
        ("changes", change_payloads.read_changes, _unstorable_changes, {"changes": [_CHANGE, {"title": "again"}]}),
    )
}


def complaint(parser: Parser, body: bytes) -> str:
    """Say what is wrong with how a parser takes a body; empty where nothing is. What it raises, it raises."""
    try:
        received = parser.read(body, NOW)
    except Malformed:
        return ""
    return parser.complaint(received)


def greed(parser: Parser, body: bytes) -> str:
    """Say by how much more time or memory than it may a parser takes a body; empty where it needs less."""
    began = time.process_time()
    wrong = complaint(parser, body)
    taken = time.process_time() - began
    if wrong or taken > MAX_CPU * len(body) + 1:
        return wrong or f"takes {taken:.1f} s for {len(body)} bytes"
    tracemalloc.start()
    try:
        parser.read(body, NOW)
    except Malformed:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    most = MAX_MEMORY * len(body) + _AT_LEAST
    return f"takes {peak} bytes of memory for {len(body)}" if peak > most else ""


def bodies(sample: Any) -> st.SearchStrategy[bytes]:
    """Return bodies: with anything in any place of a valid one, with keys said twice, torn, spoiled, or none at all."""
    valid = json.dumps(sample).encode()
    everywhere = list(pointers(sample))
    objects = [(at, found) for at in everywhere if isinstance(found := _at(sample, at), dict) and found]
    placed = st.builds(written, st.just(sample), st.sampled_from(everywhere), _TEXTS).map(_encoded)
    twice = st.builds(
        lambda found, key, raw: written(sample, found[0], f'{{"{key}": {raw}, {json.dumps(found[1])[1:]}'),
        st.sampled_from(objects),
        st.sampled_from(sorted({key for _, found in objects for key in found})),
        _TEXTS,
    ).map(_encoded)
    repeated = st.builds(
        lambda raw, times, opening, closing: opening + b",".join([raw] * times) + closing,
        _TEXTS.map(_encoded).filter(lambda raw: len(raw) < _MAX_REPEATED),
        st.integers(1, _MAX_REPEATED),
        st.sampled_from([b"[", b'{"alerts":[', b'{"changes":[', b""]),
        st.sampled_from([b"]", b"]}", b""]),
    )
    torn = st.builds(lambda most: valid[:most], st.integers(0, len(valid)))
    spoiled = st.builds(
        lambda place, spoil: valid[:place] + spoil + valid[place + 1 :],
        st.integers(0, len(valid) - 1),
        st.binary(min_size=1, max_size=4),
    )
    return placed | twice | repeated | torn | spoiled | _TEXTS.map(_encoded) | st.binary(max_size=200)


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _at(node: Any, pointer: Sequence[str | int]) -> Any:
    for key in pointer:
        node = node[key]
    return node


_SHORT: Final = 20_000  # characters; what is longer is tried in few places, by `endless`
_LEAVES: Final = st.sampled_from([value.json for value in corpus() if len(value.json) < _SHORT]) | st.one_of(
    st.text(st.characters(codec=None), max_size=20).map(json.dumps),
    st.text(max_size=20).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.integers().map(str),
    st.floats().map(json.dumps),
    st.datetimes().map(lambda at: f'"{at.isoformat()}Z"'),
)
# JSON as text, so that it need not be any: keys twice, numbers beyond every type, lone surrogates.
_TEXTS: Final = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda found: f"[{','.join(found)}]")
        | st.lists(st.tuples(st.text(max_size=5).map(json.dumps), inner), max_size=4).map(
            lambda found: f"{{{','.join(f'{key}:{value}' for key, value in found)}}}"
        )
    ),
    max_leaves=8,
)


def endless(size: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield bodies of about `size` bytes that are as costly to read as we know how: parser, name, body."""

    def of(opening: str, unit: str, closing: str) -> bytes:
        return f"{opening}{unit * ((size - len(opening) - len(closing)) // len(unit))}{closing}".encode()

    def labels(value: str) -> str:
        return ",".join(f'"{number}":{value}' for number in range(size // (len(value) + 8)))

    yield "prometheus", "numbers instead of alerts", of("[", "0,", "0]")
    yield "prometheus", "alerts without labels", of("[", "{},", "{}]")
    yield "prometheus", "alerts of one label", of("[", '{"labels":{"a":"b"}},', "0]")
    yield "prometheus", "one key again and again", of("[{", '"a":0,', '"labels":{"a":"b"}}]')
    yield "prometheus", "labels without end", f'[{{"labels":{{{labels('""')}}}}}]'.encode()
    yield "prometheus", "labels of another type", f'[{{"labels":{{{labels("1")}}}}}]'.encode()
    yield "alertmanager", "group labels without end", f'{{"alerts":[],"groupLabels":{{{labels("1")}}}}}'.encode()
    yield "alertmanager", "deep", of('{"alerts":[],"a":', "[", "")
    yield "alertmanager", "wide, and as deep as may be", of('{"alerts":[],"a":[', f"{'[' * 17}{']' * 17},", "0]}")
    yield "alerts", "the smallest alerts", of("[", '{"name":"a"},', "0]")
    yield "alerts", "a long text", of('[{"name":"a","description":"', "\\u20ac", '"}]')
    yield "alerts", "a long name", of('[{"name":"', "a", '"}]')
    yield "alerts", "a long time", of('[{"name":"a","starts_at":"', "1", '"}]')
    yield "changes", "the smallest changes", of("[", '{"title":"a"},', "0]")
    yield "changes", "changes without a title", of("[", "{},", "{}]")
    yield "changes", "a long address", of('{"title":"a","url":"http://', "a", ' "}')


def fuzz(parser: Parser, examples: int) -> None:
    """Try so many bodies. Raises what a parser raises, and `AssertionError` with a complaint."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(bodies(parser.sample))
    def tried(body: bytes) -> None:
        wrong = complaint(parser, body)
        if wrong:
            raise AssertionError(wrong)

    tried()
