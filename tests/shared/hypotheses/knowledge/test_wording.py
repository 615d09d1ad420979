import pytest

from shared.hypotheses.knowledge.wording import wording, words
from shared.hypotheses.values import CauseCode


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("KubePodOOMKilled", "kube pod oom killed"),
        ("kube_pod_oom_killed", "kube pod oom killed"),
        ("Pod cart-01 was OOM-killed.", "pod cart 01 was oom killed ;"),
        ("HTTP5xxRateHigh", "http5xx rate high"),
        ("p95 above 800 ms; 94% full", "p95 above 800 ms ; 94% full"),
        ("10.0.0.7:9100 is down", "10 0 0 7 9100 is down"),
        ("first line\nsecond line", "first line ; second line"),
        ("", ""),
    ],
)
def test_every_style_is_spelled_alike(text: str, spelled: str) -> None:
    assert words(text) == spelled


DISK_FULL = wording("full", "disk~full", "A disk is full.", {CauseCode.DISK_FULL: 0.9})


@pytest.mark.parametrize(
    ("spelled", "shown"),
    [
        ("disk full", True),
        ("disk on the third node full", True),
        ("disk of the very last big node full", False),
        ("disk slow ; queue full", False),
        ("disk", False),
        ("no disk full", False),
        ("the casino disk full", True),
        ("no disk full today ; yesterday disk full", True),
    ],
)
def test_a_wording_spans_four_words_of_one_clause_and_is_void_when_negated(spelled: str, *, shown: bool) -> None:
    assert DISK_FULL.shows_in(spelled) is shown
