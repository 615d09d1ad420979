"""When an alert comes and goes so often that its clearing means nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.alerts.flapping import Restless, calm_at, flapping

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def restless(changes: int, *, flagged: bool = False, minute: int = 0) -> Restless:
    last_at = NOON + timedelta(minutes=minute)
    return Restless(integration_id=UUID(int=1), fingerprint="f1", changes=changes, last_at=last_at, flagged=flagged)


@pytest.mark.parametrize(
    ("one", "flaps"),
    [
        (restless(4), False),
        (restless(5), True),
        (restless(1, flagged=True), True),  # it is held until it is calm
        (restless(0, flagged=True), False),
        (restless(0), False),
    ],
)
def test_more_than_four_changes_flag_an_alert_and_half_an_hour_without_any_frees_it(
    one: Restless, *, flaps: bool
) -> None:
    assert flapping([one]) == ([one] if flaps else [])


def test_it_is_calm_half_an_hour_after_the_last_change_of_the_last_of_them() -> None:
    assert calm_at([restless(5, minute=3), restless(5, minute=7), restless(5)]) == NOON + timedelta(minutes=37)
