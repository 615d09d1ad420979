import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.telemetry import continue_trace, request_id_of, trace_id_of

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
