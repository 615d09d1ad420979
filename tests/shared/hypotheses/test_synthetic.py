"""The rules on made-up failures of a wide system: what is known of causes must carry beyond the shipped cases."""

import time

import pytest

from shared.hypotheses.values import CauseCode, Outcome
from tests.shared.hypotheses.cases import explain
from tests.shared.hypotheses.synthetic import FAULTS, Made, failing, healthy, storm

SEEDS = range(4)
AMBIGUOUS = {"delay"}
"""Slowness alone looks the same from a network, a query, or a release nearby of which nothing is measured."""


def explained(made: Made) -> Outcome:
    """Explain a case, within a second of processor time."""
    before = time.process_time()
    found = explain(made.case)
    assert time.process_time() - before < 1
    return found


def most_blamed(outcome: Outcome) -> float:
    return max((one.confidence for one in outcome.hypotheses if one.cause_code is not CauseCode.NONE), default=0.0)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - AMBIGUOUS))
def test_the_fault_leads_among_fifty_services(fault: str, seed: int) -> None:
    made = failing(fault, seed)
    lead = explained(made).hypotheses[0]
    assert lead.component == made.component
    assert lead.cause_code in made.right


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", sorted(AMBIGUOUS))
def test_of_what_may_be_several_things_nothing_is_sure(fault: str, seed: int) -> None:
    assert most_blamed(explained(failing(fault, seed))) <= 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_where_all_is_well_nothing_is_blamed(seed: int) -> None:
    found = explained(healthy(seed))
    assert found.hypotheses[0].cause_code is CauseCode.NONE
    assert most_blamed(found) <= 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm_of_bare_alerts_proves_nothing(seed: int) -> None:
    assert most_blamed(explained(storm(seed))) <= 0.5
