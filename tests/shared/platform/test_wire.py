from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from shared.platform.wire import Line, Time, Wire


class Note(Wire):
    text: Annotated[Line, Field(min_length=1, max_length=5)]
    at: Time = datetime(2026, 1, 1, tzinfo=UTC)


LINE: TypeAdapter[str] = TypeAdapter(Line)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Note.model_validate_json('{"text": "a", "txet": "b"}')


def test_a_model_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Note(text="a").text = "b"  # type: ignore[misc]  # that is the point


@given(st.text(), st.text())
def test_text_never_holds_nul(before: str, after: str) -> None:
    with pytest.raises(ValidationError, match="NUL"):
        LINE.validate_python(f"{before}\x00{after}")


@given(st.text(st.characters(exclude_characters="\x00")))
def test_text_is_trimmed_and_otherwise_kept(text: str) -> None:
    assert LINE.validate_python(text) == text.strip()


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u3000", "123456"])
def test_lengths_are_of_the_trimmed_text(text: str) -> None:
    with pytest.raises(ValidationError):
        Note(text=text)


def test_spaces_around_do_not_make_a_text_too_long() -> None:
    assert Note(text="   12345   ").text == "12345"


@pytest.mark.parametrize("raw", [b'{"text": "\\ud800"}', b'{"text": "\xff"}'])
def test_text_that_is_no_unicode_is_refused(raw: bytes) -> None:
    with pytest.raises(ValidationError):
        Note.model_validate_json(raw)


@given(st.datetimes(timezones=st.integers(-1_439, 1_439).map(lambda m: timezone(timedelta(minutes=m)))))
def test_times_travel_as_rfc_3339_in_utc(at: datetime) -> None:
    try:
        at.astimezone(UTC)
    except OverflowError:
        return
    sent = Note(text="a", at=at).model_dump(mode="json")["at"]
    assert sent.endswith("Z")
    assert datetime.fromisoformat(sent) == at
