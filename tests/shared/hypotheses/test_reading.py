import pytest

from shared.hypotheses.evidence import collect
from shared.hypotheses.reading import Reading, interpret
from shared.hypotheses.values import Alert, CauseCode
from tests.shared.hypotheses.cases import alert, case


def read(*alerts: Alert) -> Reading:
    of = case(*alerts)
    (reading,) = interpret(of, collect(of))
    return reading


def test_of_two_wordings_the_stronger_speaks_for_a_cause() -> None:
    reading = read(alert("PodRestarting", summary="Back-off restarting failed container"))
    assert {signature.name for signature in reading.signatures} >= {"restarting", "crash-looping"}
    best = reading.best(CauseCode.CRASH_LOOP)
    assert best is not None
    assert best.name == "crash-looping"
    assert reading.strength(CauseCode.CRASH_LOOP) == best.points[CauseCode.CRASH_LOOP]


def test_no_wording_is_no_strength() -> None:
    reading = read(alert("Odd"))
    assert reading.best(CauseCode.DISK_FULL) is None
    assert reading.strength(CauseCode.DISK_FULL) == 0


def test_a_container_that_never_ran_cannot_have_run_out_of_memory() -> None:
    reading = read(alert("ImagePullBackOff"))
    assert reading.contradicts(CauseCode.MEMORY_EXHAUSTION)
    assert not reading.contradicts(CauseCode.WRONG_CONFIGURATION)


@pytest.mark.parametrize(("resolved", "share"), [((True, True), 1.0), ((True, False), 0.5), ((False, False), 0.0)])
def test_the_share_of_resolved_alerts(resolved: tuple[bool, ...], share: float) -> None:
    alerts = [alert("Slow", minute=minute, resolved=over) for minute, over in enumerate(resolved)]
    assert read(*alerts).resolved == share
