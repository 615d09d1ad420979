from shared.kernel.errors import Conflict


def test_a_refusal_without_a_detail_says_its_title() -> None:
    assert str(Conflict()) == Conflict.title
    assert Conflict().detail == ""


def test_a_refusal_carries_its_detail_and_what_belongs_to_it() -> None:
    refusal = Conflict("It is closed.", allowed=["reopen"])
    assert str(refusal) == "It is closed."
    assert refusal.details == {"allowed": ["reopen"]}
