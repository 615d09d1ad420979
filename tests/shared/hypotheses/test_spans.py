import pytest

from shared.hypotheses.spans import slowest_span

TRACE = """\
├─ /api/checkout (backend) - 7628.72ms (span_id=bf0d)
│  Attributes:
│    http.method: POST
  ├─ callout (backend) - 256.27ms (span_id=0607)
    ├─ authenticate (auth) - 254.25ms (span_id=7243)
  ├─ callout (backend) - 7372.24ms (span_id=de78)
    ├─ process (checkout) - 7370.37ms (span_id=8bd4)
      ├─ check_for_fraud (fraud) - 7100ms (span_id=8bd5)
        ├─ postgres.query (fraud) - 6950.5ms (span_id=8bd6)
"""


def test_the_span_with_most_time_of_its_own_is_found() -> None:
    span = slowest_span(TRACE)
    assert span is not None
    assert (span.name, span.service, span.own_ms, span.is_query) == ("postgres.query", "fraud", 6950.5, True)


@pytest.mark.parametrize("text", ["", "no trace at all", "├─ quick (backend) - 20ms", "├─ odd (backend) - 1.2.3ms"])
def test_what_is_no_slow_trace_has_none(text: str) -> None:
    assert slowest_span(text) is None
