import time
from typing import Any

import jwt
import pytest

from scripts.devstack.webpubsub import tokens

KEY = "an access key of more than thirty-two bytes"
OTHER_KEY = "another key of more than thirty-two bytes"
PATH = "/api/hubs/H/users/a%2Fb/:send?excluded=x%20y&api-version=2024-12-01"


def sign(key: str = KEY, **claims: Any) -> str:
    return jwt.encode({"exp": time.time() + 60} | claims, key, "HS256")


@pytest.mark.parametrize(
    "audience",
    [
        f"http://127.0.0.1:1{PATH}",
        f"https://another.name{PATH}",
        f"http://127.0.0.1:1{PATH.partition('?')[0]}",
        "http://127.0.0.1/API/hubs/h/users/a%2fb/:send",
        "http://127.0.0.1/api/hubs/H/users/a/b/:send?excluded=x y&api-version=2024-12-01",
    ],
)
def test_a_caller_signs_the_url_it_calls(audience: str) -> None:
    tokens.check_rest_token(sign(aud=audience), KEY, PATH)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("not.a.token", id="no-token"),
        pytest.param(sign(OTHER_KEY, aud=PATH), id="another-key"),
        pytest.param(sign(aud="http://127.0.0.1/api/hubs/other/:send"), id="another-hub"),
        pytest.param(sign(aud=f"{PATH}&filter=more"), id="another-query"),
        pytest.param(sign(aud=PATH, exp=time.time() - 301), id="expired"),
        pytest.param(sign(aud=PATH, nbf=time.time() + 86_400), id="not-yet"),
        pytest.param(sign(), id="no-audience"),
        pytest.param(jwt.encode({"aud": PATH}, KEY, "HS256"), id="no-expiry"),
        pytest.param(jwt.encode({"aud": PATH, "exp": time.time() + 60}, "", "none"), id="unsigned"),
    ],
)
def test_another_token_is_refused(token: str) -> None:
    with pytest.raises(jwt.InvalidTokenError):
        tokens.check_rest_token(token, KEY, PATH)


def test_clocks_may_differ_by_some_minutes() -> None:
    tokens.check_rest_token(sign(aud=PATH, exp=time.time() - 200), KEY, PATH)


@pytest.mark.parametrize("values", ["one", ["one"]])
def test_roles_and_groups_may_be_one_or_many(values: str | list[str]) -> None:
    claimed: dict[str, Any] = {"role": values, "webpubsub.group": values}
    token = sign(aud="http://h/client/hubs/Hub", sub="ann", **claimed)

    claims = tokens.read_client_token(token, KEY, "hub")

    assert claims.user_id == "ann"
    assert claims.roles == claims.groups == {"one"}


@pytest.mark.parametrize("claims", [{"role": 1}, {"webpubsub.group": [1]}, {"sub": 1}])
def test_a_client_token_with_claims_of_another_type_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(jwt.InvalidTokenError):
        tokens.read_client_token(sign(aud="http://h/client/hubs/hub", **claims), KEY, "hub")


def test_a_reconnection_token_is_for_one_connection() -> None:
    token = tokens.issue_reconnection_token(KEY, "c1")

    tokens.check_reconnection_token(token, KEY, "c1")
    with pytest.raises(jwt.InvalidTokenError):
        tokens.check_reconnection_token(token, KEY, "c2")


def test_a_reconnection_token_opens_nothing_else() -> None:
    with pytest.raises(jwt.InvalidTokenError):
        tokens.read_client_token(tokens.issue_reconnection_token(KEY, "c1"), KEY, "c1")
