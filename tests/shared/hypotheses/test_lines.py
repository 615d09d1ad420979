import json
from itertools import islice, product
from string import ascii_lowercase
from unittest.mock import Mock

import pytest

from shared.hypotheses import lines
from shared.hypotheses.knowledge.signatures import read
from shared.hypotheses.lines import MAX_KINDS, MAX_WEIGHED, telling_lines


def told(text: str) -> list[tuple[str, int]]:
    return [(line.text, line.count) for line in telling_lines(text)]


def test_lines_that_differ_in_numbers_are_one_kind_with_a_count() -> None:
    log = "\n".join(f"ERROR [{n}] dial tcp 10.0.0.{n}:5432: connect: connection refused" for n in range(40))
    assert told(log) == [("ERROR [0] dial tcp 10.0.0.0:5432: connect: connection refused", 40)]


def test_the_most_telling_lines_come_first_and_are_few() -> None:
    kinds = [
        "connection refused",
        "no such host",
        "OOMKilled",
        "deadlock detected",
        "image pull error",
        "x509: certificate has expired",
    ]
    found = telling_lines("\n".join(f"ERROR {kind}" for kind in kinds))
    assert len(found) == MAX_KINDS
    assert [line.strength for line in found] == sorted((line.strength for line in found), reverse=True)
    assert "connection refused" not in "".join(line.text for line in found)


def test_of_countless_kinds_the_first_and_the_last_are_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    weigh = Mock(wraps=read)
    monkeypatch.setattr(lines, "read", weigh)
    words = ["".join(letters) for letters in islice(product(ascii_lowercase, repeat=3), 4_998)]
    found = telling_lines("\n".join(["ERROR OOMKilled", *words, "ERROR deadlock detected"]))
    assert weigh.call_count == MAX_WEIGHED
    assert {line.text for line in found} == {"ERROR OOMKilled", "ERROR deadlock detected"}


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-02 INFO processed 142 requests, p95 latency 34ms",
        "Normal  Pulled  48m  kubelet  Successfully pulled image",
        "Tolerations: node.kubernetes.io/not-ready:NoExecute op=Exists for 300s",
        "  imagePullPolicy: IfNotPresent",
        "MemoryPressure   False   KubeletHasSufficientMemory",
        "low storage space: 82.2 GB remaining of 200 GB",
        '{"level": 30, "msg": "request completed", "latency": 12}',
    ],
)
def test_what_is_quiet_configured_or_denied_tells_nothing(line: str) -> None:
    assert told(line) == []


def test_structured_lines_are_read_for_what_they_say() -> None:
    entry = {"level": 50, "time": 1, "pid": 7, "err": {"type": "TypeError", "message": "getaddrinfo EAI_AGAIN auth"}}
    assert told(json.dumps(entry)) == [("error TypeError getaddrinfo EAI_AGAIN auth", 1)]


def test_good_news_is_told_too() -> None:
    assert told("INFO node ip-10-0-1-73 recovered: status now Ready") == [
        ("INFO node ip-10-0-1-73 recovered: status now Ready", 1)
    ]


ODD = ["", "\n\n", "{", "{}", "[1, 2]", '{"msg": null}', "\ud800", '{"msg":' + "[" * 65_000]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_text_tells_nothing(text: str) -> None:
    assert told(text) == []
