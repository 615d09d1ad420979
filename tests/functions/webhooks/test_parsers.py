"""Whatever body comes, a webhook's parser takes it or refuses it: within its means, and so that it can be stored."""

import json
from typing import Any

import pytest

from scripts.proof.bodies import NOW, PARSERS, Parser, complaint, endless, fuzz, greed
from shared.platform.foreign import MAX_LETTERS, refusals

BODIES = 200  # for each parser; ./scripts/fuzz --parsers makes as many as one likes
SIZE = 64 * 1_024  # bytes; there it makes them as large as they may be
ENDLESS = {f"{name}: {what}": (name, body) for name, what, body in endless(SIZE)}


@pytest.mark.parametrize("name", PARSERS)
def test_no_body_breaks_a_parser_and_what_it_takes_can_be_stored(name: str) -> None:
    fuzz(PARSERS[name], BODIES)


@pytest.mark.parametrize("name", PARSERS)
def test_the_sample_that_the_bodies_are_made_of_is_taken(name: str) -> None:
    parser = PARSERS[name]
    received = parser.read(json.dumps(parser.sample).encode(), NOW)
    assert received.rejected == ()
    assert parser.complaint(received) == ""


@pytest.mark.parametrize("case", ENDLESS)
def test_the_costliest_bodies_are_read_in_time_and_in_memory_that_grow_with_them_alone(case: str) -> None:
    name, body = ENDLESS[case]
    assert greed(PARSERS[name], body) == ""


def test_of_ever_so_many_bad_alerts_the_first_are_kept_and_all_are_counted() -> None:
    good = [{"labels": {"n": str(number)}} for number in range(2)]
    received = PARSERS["prometheus"].read(json.dumps([*good, *range(MAX_LETTERS + 500)]).encode(), NOW)
    assert len(received.deliveries) == 2
    assert [one.content for one in received.rejected[:2]] == ["0", "1"]
    assert len(received.rejected) == MAX_LETTERS + 1
    assert (received.rejected[-1].reason, received.rejected[-1].count) == ("500 more could not be read", 500)
    assert refusals(received.rejected) == MAX_LETTERS + 500


def taken(body: bytes, _now: object) -> Any:
    return json.loads(body)


CHANGE = PARSERS["one change"]


@pytest.mark.parametrize(
    ("parser", "error"),
    [
        (Parser(read=taken, complaint=lambda _: "", sample={"a": 1}), ValueError),
        (Parser(read=CHANGE.read, complaint=lambda _: "is wrong", sample=CHANGE.sample), AssertionError),
    ],
    ids=["raises what is no refusal", "takes what is wrong"],
)
def test_a_parser_that_breaks_is_found(parser: Parser, error: type[Exception]) -> None:
    with pytest.raises(error):
        fuzz(parser, BODIES)


def test_a_parser_that_needs_too_much_is_found() -> None:
    greedy = Parser(read=lambda body, _: [bytearray(len(body)) for _ in range(100)], complaint=lambda _: "", sample={})
    assert "bytes of memory" in greed(greedy, b" " * SIZE)
    assert complaint(greedy, b" ") == ""
