from datetime import UTC, datetime, timedelta

from scripts.devstack.demo.replay import captured

BEGAN = datetime(2030, 1, 1, tzinfo=UTC)


def test_a_captured_fire_begins_when_told_and_has_not_ended() -> None:
    (alert,) = captured("firing", began=BEGAN, ended=None)["alerts"]

    assert (alert["status"], alert["startsAt"]) == ("firing", "2030-01-01T00:00:00+00:00")
    assert alert["endsAt"].startswith("0001-01-01")


def test_a_captured_recovery_is_of_the_same_episode_as_the_fire() -> None:
    (fire,) = captured("firing", began=BEGAN, ended=None)["alerts"]
    (recovery,) = captured("resolved", began=BEGAN, ended=BEGAN + timedelta(minutes=1))["alerts"]

    assert recovery["status"] == "resolved"
    assert recovery["endsAt"] == "2030-01-01T00:01:00+00:00"
    assert [recovery[field] for field in ("fingerprint", "startsAt")] == [
        fire[field] for field in ("fingerprint", "startsAt")
    ]
