from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.paging import BadCursor, cursor_of, last_id, last_named, last_number, last_of, page_of

BIGINT = 2**63 - 1


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(st.uuids())
def test_a_cursor_gives_its_id_back(at: UUID) -> None:
    assert last_id(cursor_of(at)) == at


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_gives_its_number_back(at: int) -> None:
    assert last_number(cursor_of(at)) == at


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_goes_into_an_address_as_it_is(at: int) -> None:
    assert set(cursor_of(at)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    for read in (last_of, last_id, last_number):
        with suppress(BadCursor):
            read(text)


@given(st.text(st.characters(codec="utf-8")))
def test_what_a_cursor_holds_is_a_number_that_the_database_can_hold(text: str) -> None:
    try:
        assert 0 <= last_number(encoded(f"v1:{text}")) <= BIGINT
    except BadCursor:
        return


@pytest.mark.parametrize("cursor", ["", "x", "é", "\udcff", "a b", *map(encoded, ("v2:1", "v1", "v1:-1", "v1:1e3"))])
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        last_number(cursor)


@pytest.mark.parametrize("read", [last_of, last_named, last_id, last_number])
def test_what_the_database_cannot_hold_is_in_no_cursor(read: Callable[[str], object]) -> None:
    with pytest.raises(BadCursor):
        read(encoded("v1:a\0"))


def test_a_number_is_no_id() -> None:
    with pytest.raises(BadCursor) as refusal:
        last_id(cursor_of(7))
    assert refusal.value.details["errors"] == [{"field": "cursor", "message": "unknown cursor"}]


def test_a_number_too_large_for_the_database_is_refused() -> None:
    with pytest.raises(BadCursor):
        last_number(cursor_of(BIGINT + 1))


@pytest.mark.parametrize(
    ("found", "shown", "more"), [([], [], None), ([1, 2], ["1", "2"], None), ([1, 2, 3], ["1", "2"], cursor_of(2))]
)
def test_one_row_more_than_the_page_holds_says_that_another_follows(
    found: list[int], shown: list[str], more: str | None
) -> None:
    page = page_of(found, 2, str, cursor_of)
    assert (page.items, page.next_cursor) == (shown, more)


def test_a_list_begins_without_a_cursor() -> None:
    assert last_id(None) is None
