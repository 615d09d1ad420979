"""Tokens that name a row: what is written is read back, and nothing else is a token."""

from uuid import UUID

import pytest

from shared.access import opaque_tokens

TENANT, ROW, SECRET = UUID(int=0xA1), UUID(int=0xB2), "Aa0_-" * 8 + "xyz"
TOKEN = opaque_tokens.write(TENANT, ROW, SECRET)


def test_what_is_written_is_read_back() -> None:
    assert opaque_tokens.read(TOKEN) == (TENANT, ROW, SECRET)


def test_its_form_is_the_one_that_is_out_there() -> None:
    assert f"{'0' * 30}a1{'0' * 30}b2_{SECRET}" == TOKEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        TOKEN[1:],
        TOKEN[:-1],
        TOKEN + "x",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN.replace("_", "-", 1),
        TOKEN.replace("a1", "A1", 1),
        TOKEN.replace("a1", "g1", 1),
        TOKEN[:-1] + "=",
        TOKEN[:-1] + "ß",
        TOKEN[:-1] + "\x00",
    ],
)
def test_whatever_is_written_otherwise_is_none(text: str) -> None:
    assert opaque_tokens.read(text) is None
