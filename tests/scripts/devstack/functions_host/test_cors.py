import pytest

from scripts.devstack.functions_host.cors import Cors
from scripts.devstack.functions_host.settings import LocalHost, SettingError

PAGE = "http://localhost:5173"


@pytest.mark.parametrize(
    ("cors", "origin", "expected"),
    [
        (Cors(), PAGE, {}),
        (Cors(frozenset({"*"})), PAGE, {"Access-Control-Allow-Origin": "*"}),
        (Cors(frozenset({PAGE})), PAGE, {"Access-Control-Allow-Origin": PAGE, "Vary": "Origin"}),
        (Cors(frozenset({PAGE})), "http://other", {}),
        (
            Cors(frozenset({PAGE}), allow_credentials=True),
            PAGE,
            {"Access-Control-Allow-Origin": PAGE, "Vary": "Origin", "Access-Control-Allow-Credentials": "true"},
        ),
    ],
)
def test_an_allowed_origin_is_named_in_the_answer(cors: Cors, origin: str, expected: dict[str, str]) -> None:
    assert cors.headers({"Origin": origin}) == expected


def test_a_request_of_the_same_origin_gets_no_header() -> None:
    assert Cors(frozenset({"*"})).headers({}) == {}


def test_origins_are_a_list_in_local_settings() -> None:
    cors = Cors.of(LocalHost.model_validate({"CORS": f"{PAGE}/, http://localhost:3000", "CORSCredentials": True}))
    assert cors == Cors(frozenset({PAGE, "http://localhost:3000"}), allow_credentials=True)


def test_every_origin_with_credentials_is_an_error() -> None:
    with pytest.raises(SettingError, match="exclude each other"):
        Cors.of(LocalHost.model_validate({"CORS": "*", "CORSCredentials": True}))
