"""A real Prometheus reads the queries that we write."""

import httpx
import pytest

from shared.hypotheses.knowledge.queries import MEASURES

pytestmark = pytest.mark.monitoring


def test_prometheus_understands_every_query_that_we_know(monitoring: dict[str, str]) -> None:
    for measure in MEASURES:
        asked = {"query": measure.query('service="check\\"out"')}
        answer = httpx.get(f"{monitoring['prometheus']}/api/v1/query", params=asked, timeout=20)
        assert answer.status_code == 200, (measure.title, answer.text)
