"""The product answers over HTTP as its own OpenAPI document says, whatever schemathesis sends."""

import pytest

from functions.openapi import endpoints
from functions.operations import creates_once, takes_version
from scripts.proof.contract import contract

SECONDS = 12  # for each of three modes; ./scripts/fuzz takes minutes


@pytest.mark.stack
async def test_schemathesis_finds_nothing_to_complain_of() -> None:
    assert await contract(seconds=SECONDS) == []


def test_there_are_operations_of_every_kind_of_header() -> None:
    declared = endpoints()
    for applies in (takes_version, creates_once, lambda one: one.cached, lambda one: one.cookie):
        assert any(applies(one) for one in declared)
