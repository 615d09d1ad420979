"""Sums over a day's entries tell what was done to them."""

import dataclasses
from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.digest import FIRST, Fault, Seal, Sum, Tally, difference, digest_of

type Entries = list[tuple[str, dict[str, str]]]

DAY: Entries = [("1", {"name": "a"}), ("2", {"name": "b"}), ("3", {"name": "c"})]


def total(entries: Sequence[tuple[str, dict[str, str]]]) -> Sum:
    tally = Tally()
    for place, content in entries:
        tally.add(place, content)
    return tally.sum


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda day: day, None),
        (lambda day: day[1:], Fault.ENTRY_REMOVED),
        (lambda day: day[:0], Fault.ENTRY_REMOVED),
        (lambda day: [*day, ("4", {"name": "d"})], Fault.ENTRY_ADDED),
        (lambda day: [*day, day[-1]], Fault.ENTRY_ADDED),
        (lambda day: [day[0], ("2", {"name": "x"}), day[2]], Fault.ENTRY_ALTERED),
        (lambda day: [day[1], day[0], day[2]], Fault.ENTRIES_REORDERED),
        (lambda day: [("1", day[1][1]), ("2", day[0][1]), day[2]], Fault.ENTRIES_REORDERED),
        (lambda day: [*day[:2], ("9", day[2][1])], Fault.ENTRIES_REORDERED),
    ],
)
def test_a_difference_says_what_was_done(change: Callable[[Entries], Entries], fault: Fault | None) -> None:
    assert difference(total(DAY), total(change(DAY))) == fault


@given(st.lists(st.sampled_from("ab"), max_size=4), st.lists(st.sampled_from("ab"), max_size=4))
def test_only_the_same_entries_in_the_same_order_have_the_same_sum(ours: list[str], theirs: list[str]) -> None:
    sums = [total([(str(n), {"name": name}) for n, name in enumerate(names)]) for names in (ours, theirs)]
    assert (sums[0] == sums[1]) == (ours == theirs)


def test_a_field_moved_from_place_to_content_is_another_entry() -> None:
    assert total([("ab", {})]).chain != total([("a", {"b": ""})]).chain


def seal() -> Seal:
    return Seal(tenant_id=UUID(int=1), day=date(2026, 11, 20), previous=FIRST, calls=total(DAY), changes=total([]))


def test_a_seal_is_read_as_it_was_written() -> None:
    assert Seal.read(seal().content) == seal()


@pytest.mark.parametrize(
    "change",
    [
        {"tenant_id": UUID(int=2)},
        {"day": date(2026, 11, 21)},
        {"previous": "1" * 64},
        {"calls": total(DAY[1:])},
        {"changes": total(DAY)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_a_seal_is_in_its_digest(change: dict[str, object]) -> None:
    other = dataclasses.replace(seal(), **change)  # type: ignore[arg-type]  # the table's values fit their fields
    assert digest_of(other.content) != digest_of(seal().content)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tenant_id": 7}', seal().content.replace("count", "sum")])
def test_what_is_no_seal_is_refused(content: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of its kinds
        Seal.read(content)
