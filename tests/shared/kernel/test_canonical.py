"""One text for equal values: grouping keys and digests stand on it, so it never changes."""

import pytest

from shared.kernel.canonical import canonical


def test_equal_mappings_have_one_text_in_whatever_order_they_were_written() -> None:
    one = {"b": {"y": 1, "x": [True, None]}, "a": "ä"}
    other = {"a": "ä", "b": {"x": [True, None], "y": 1}}
    assert canonical(one) == canonical(other) == '{"a":"ä","b":{"x":[true,null],"y":1}}'


@pytest.mark.parametrize("other", [{"a": "2"}, {"a": 1.5}, {"b": 1}, {"a": [1]}, {}])
def test_different_mappings_have_different_texts(other: dict[str, object]) -> None:
    assert canonical({"a": 1}) != canonical(other)
