"""What a sender's own list says of an alert."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.alerts.presence import Listed, Presence, presence_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
START = NOW - timedelta(hours=1)


def listed(starts_at: datetime = START, *, silenced: bool = False) -> dict[str, Listed]:
    return {"f1": Listed(starts_at=starts_at, silenced=silenced)}


def judged(found: dict[str, Listed], missing_since: datetime | None = None) -> Presence:
    return presence_of("f1", START, missing_since, found, NOW)


def test_what_is_listed_fires_or_is_silenced_however_its_time_is_rounded() -> None:
    assert judged(listed()) is Presence.FIRES
    assert judged(listed(START + timedelta(seconds=1))) is Presence.FIRES
    assert judged(listed(START - timedelta(hours=2))) is Presence.FIRES
    assert judged(listed(silenced=True)) is Presence.SILENCED


@pytest.mark.parametrize("found", [{}, listed(START + timedelta(seconds=1.001)), {"f2": listed()["f1"]}])
def test_what_is_not_listed_is_missing_at_first_and_gone_after_a_while(found: dict[str, Listed]) -> None:
    assert judged(found) is Presence.MISSING
    assert judged(found, NOW - timedelta(minutes=4, seconds=59)) is Presence.MISSING
    assert judged(found, NOW - timedelta(minutes=5)) is Presence.GONE


def test_what_is_back_is_not_gone_however_long_it_was_missing() -> None:
    assert judged(listed(), NOW - timedelta(days=1)) is Presence.FIRES
