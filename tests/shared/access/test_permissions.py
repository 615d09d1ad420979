from itertools import pairwise

import pytest

from shared.access.permissions import GRANTED, INTEGRATION, TENANT_OWNER, covers
from shared.kernel.values import Permission, Role

MIGHT = list(Role)  # most powerful first


def test_every_role_may_do_what_the_next_lower_one_may() -> None:
    assert all(GRANTED[higher] >= GRANTED[lower] for higher, lower in pairwise(MIGHT))


def test_somebody_holds_every_permission() -> None:
    assert frozenset().union(*GRANTED.values(), TENANT_OWNER, INTEGRATION) == frozenset(Permission)


def test_no_person_ingests_alerts_and_no_integration_does_anything_else() -> None:
    assert {Permission.ALERT_INGEST} == INTEGRATION
    assert all(Permission.ALERT_INGEST not in granted for granted in GRANTED.values())


def test_a_viewer_only_reads() -> None:
    assert all(permission.value.endswith(":read") for permission in GRANTED[Role.VIEWER])


@pytest.mark.parametrize("granter", Role)
@pytest.mark.parametrize("granted", Role)
def test_nobody_gives_a_role_higher_than_their_own(granter: Role, granted: Role) -> None:
    assert covers(granter, granted) == (MIGHT.index(granter) <= MIGHT.index(granted))
