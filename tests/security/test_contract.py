"""The product answers over HTTP as its own OpenAPI document says, whatever schemathesis sends."""

import pytest

from scripts.proof.contract import contract

SECONDS = 15  # for each of three modes; ./scripts/fuzz takes minutes


@pytest.mark.stack
async def test_schemathesis_finds_nothing_to_complain_of() -> None:
    assert await contract(seconds=SECONDS) == []
