"""Bad input gets a clear answer, wherever it is put: never an error of ours, never a secret."""

import pytest

from functions.http import Endpoint
from functions.openapi import endpoints
from functions.requests import MAX_BODY
from scripts.proof.examples import path_of
from scripts.proof.hostile import complaints, corpus
from scripts.proof.world import World

ENDPOINTS = endpoints()
SHARE = 24  # of every value in every place; ./scripts/fuzz takes them all
MIN_VALUES = 150


def test_the_corpus_is_large_and_names_each_value_once() -> None:
    assert len({value.name for value in corpus()}) == len(corpus()) >= MIN_VALUES


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
async def test_no_hostile_value_breaks_an_endpoint(world: World, endpoint: Endpoint) -> None:
    assert await complaints(world, endpoint, every=SHARE) == []


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
async def test_a_body_over_the_limit_is_refused_before_it_is_read(world: World, endpoint: Endpoint) -> None:
    answer = await world.functions.invoke(
        endpoint.name,
        endpoint.method,
        url=endpoint.route,
        path=path_of(endpoint, world.objects),
        query={},
        body=b" " * (MAX_BODY + 1),
        headers={},
    )
    assert (answer.status, answer.json["type"], answer.json["limit_bytes"]) == (413, "/problems/too-large", MAX_BODY)
