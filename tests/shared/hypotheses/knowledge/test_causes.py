import pytest

from shared.hypotheses.knowledge.causes import CAUSES
from shared.hypotheses.values import CauseCode


def test_every_cause_is_described_and_no_other() -> None:
    assert set(CAUSES) == set(CauseCode)


@pytest.mark.parametrize("code", CauseCode)
def test_a_cause_claims_something_of_its_component(code: CauseCode) -> None:
    cause = CAUSES[code]
    assert "cart{0}" in cause.claim.format(component="cart{0}")
    assert cause.description.endswith(".")
    assert 0 < cause.base_rate < 1
