"""Nobody gets in where they do not belong: every endpoint, every caller."""

import pytest

from functions.openapi import endpoints
from scripts.matrix import Row, matrix, table
from scripts.proof.cast import Standing
from scripts.proof.examples import things_of
from scripts.proof.world import World

pytestmark = pytest.mark.xdist_group("matrix")  # whose rows are made once

ENDPOINTS = endpoints()


@pytest.fixture(scope="module")
async def rows(world: World) -> list[Row]:
    return await matrix(world, ENDPOINTS)


def test_every_call_comes_to_what_is_declared(rows: list[Row]) -> None:
    assert [row for row in rows if not row.is_right] == []


def test_every_endpoint_is_tried_by_every_caller(rows: list[Row], world: World) -> None:
    assert {(row.endpoint, row.caller) for row in rows} == {
        (endpoint.name, caller.name) for endpoint in ENDPOINTS for caller in world.callers
    }


def test_whoever_may_call_gets_a_proper_answer(rows: list[Row]) -> None:
    """The examples are valid, so that a refusal is never one of the body."""
    admitted = [row for row in rows if row.got == "admitted"]
    assert [row for row in admitted if row.status >= 400] == []


def test_there_are_outsiders_for_every_kind_of_thing(world: World) -> None:
    assert {name for endpoint in ENDPOINTS for name in things_of(endpoint)} <= set(world.objects)
    assert [caller.name for caller in world.callers if caller.standing is Standing.ELSEWHERE and caller.never_sees]


async def test_a_call_leaves_the_world_as_it_was(rows: list[Row], world: World) -> None:
    assert rows
    assert await world.is_untouched()


def test_the_table_shows_what_is_wrong() -> None:
    row = Row(endpoint="get_thing", caller="viewer key", expected="403", got="admitted", status=200)
    assert "WRONG  get_thing as viewer key: expected 403, got admitted" in table([row])
    assert table([row]).endswith("1 calls, 1 of them wrong")
