"""No forged token opens a route of any class, and none breaks one."""

from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from functions.openapi import endpoints
from scripts.proof.cast import Standing
from scripts.proof.examples import example_bytes
from scripts.proof.functions import Response
from scripts.proof.world import World
from shared.access.credentials import INGEST_PREFIX
from tests.fixtures import KEY
from tests.forgery import Mint

MIN_ATTACKS = 69
ENDPOINTS = {one.name: one for one in endpoints()}
CLASSES = {
    "read": "list_incidents",
    "write": "create_integration",
    "realtime": "negotiate",
    "webhook": "receive_alertmanager",
}


def mint_of(token: str) -> Mint:
    claims: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return Mint(header=jwt.get_unverified_header(token), claims=claims, secret=KEY.partition(":")[2])


def credential(world: World, name: str) -> str:
    return next(caller.credential for caller in world.callers if caller.name == name)


async def tried(world: World, name: str, token: str) -> Response:
    """Call an endpoint with a credential as it comes."""
    endpoint = ENDPOINTS[name]
    answer = await world.functions.invoke(
        name,
        endpoint.method,
        url=endpoint.route,
        path={},
        query={},
        body=example_bytes(endpoint, world.objects),
        headers={"authorization": f"Bearer {token}"},
    )
    if answer.status < 300 and endpoint.method != "GET":
        await world.restore()
    return answer


@pytest.mark.parametrize("name", CLASSES.values(), ids=CLASSES)
async def test_no_forged_token_opens_a_route_of_any_class(world: World, name: str) -> None:
    is_webhook = name == CLASSES["webhook"]
    valid = credential(world, "ingest token" if is_webhook else "owner session")
    prefix = INGEST_PREFIX if is_webhook else ""
    mint = mint_of(valid.removeprefix(prefix))
    assert (await tried(world, name, prefix + mint.valid)).status < 300, "the forge makes valid tokens"
    attacks = mint.attacks()
    assert len(attacks) >= MIN_ATTACKS
    for attack, token in attacks.items():
        answer = await tried(world, name, prefix + token)
        assert (attack, answer.status, answer.json["type"]) == (attack, 401, "/problems/unauthenticated")
    assert await world.is_untouched()


async def test_a_token_of_one_kind_opens_nothing_of_another(world: World) -> None:
    session, ingest = credential(world, "owner session"), credential(world, "ingest token")
    bare = ingest.removeprefix(INGEST_PREFIX)
    for name in ("list_incidents", "create_integration", "negotiate"):
        assert (await tried(world, name, bare)).status == 401
        assert (await tried(world, name, ingest)).status == 403
    assert (await tried(world, "receive_alertmanager", INGEST_PREFIX + session)).status == 401
    assert (await tried(world, "receive_alertmanager", session)).status == 403


async def test_negotiate_gives_groups_of_the_caller_s_own_project_alone(world: World) -> None:
    for caller in world.callers:
        answer = await tried(world, "negotiate", caller.credential) if caller.credential else None
        if answer is not None and answer.status == 200:
            at_home = all(world.objects["project_id"] in group for group in answer.json["groups"])
            assert at_home is (caller.standing is Standing.HOME), caller.name
