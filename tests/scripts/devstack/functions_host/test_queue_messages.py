import base64
import json

import pytest

from scripts.devstack.functions_host.messages import TypedData
from scripts.devstack.functions_host.queue_messages import decode, encode, output_bodies


@pytest.mark.parametrize(("encoding", "wire"), [("base64", "w6Q="), ("none", "ä")])
@pytest.mark.parametrize("body", ["ä", "ä".encode()])
def test_a_body_survives_its_encoding(encoding: str, wire: str, body: str | bytes) -> None:
    assert encode(body, encoding) == wire  # type: ignore[arg-type]  # parametrize gives plain strings
    assert decode(wire, encoding) == "ä"  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("content", ["not base64", "YQ", base64.b64encode(b"\xff\xfe").decode()])
def test_what_is_not_base64_or_not_text_cannot_be_decoded(content: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(content, "base64")


@pytest.mark.parametrize(
    ("data", "bodies"),
    [
        (TypedData(string="a"), ["a"]),
        (TypedData(bytes=b"a"), [b"a"]),
        (TypedData(json=json.dumps({"id": None, "body": "a"})), ["a"]),
        (TypedData(json=json.dumps(["a", {"id": None, "body": "b"}])), ["a", "b"]),
        (TypedData(json=json.dumps({"order": 1})), ['{"order": 1}']),
    ],
)
def test_one_output_value_stands_for_its_messages(data: TypedData, bodies: list[str | bytes]) -> None:
    assert list(output_bodies(data)) == bodies
