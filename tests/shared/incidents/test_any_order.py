"""No alert is lost and none counts twice, whatever repeats or arrives out of order."""

import pytest

from scripts.proof.disorder import search
from shared.platform.settings import Settings


@pytest.mark.parametrize("seed", range(8))
def test_messages_in_any_order_come_to_the_same(settings: Settings, seed: int) -> None:
    assert search(settings, examples=25, seed=seed) is None
