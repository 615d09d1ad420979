"""Bad input gets a clear answer, wherever it is put: never an error of ours, never a secret."""

import pytest

from functions.http import Endpoint
from functions.openapi import endpoints
from scripts.proof.hostile import complaints, corpus
from scripts.proof.world import World

ENDPOINTS = endpoints()
SHARE = 16  # of every value in every place; ./scripts/fuzz takes them all
LEAST_VALUES = 150


def test_the_corpus_is_large_and_names_each_value_once() -> None:
    assert len({value.name for value in corpus()}) == len(corpus()) >= LEAST_VALUES


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
async def test_no_hostile_value_breaks_an_endpoint(world: World, endpoint: Endpoint) -> None:
    assert await complaints(world, endpoint, every=SHARE) == []
