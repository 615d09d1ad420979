import json

import pytest
from pydantic import JsonValue

from scripts.devstack.webpubsub import protocol
from scripts.devstack.webpubsub.protocol import DataType, Payload


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"type":"unknown"}',
        '{"type":"joinGroup"}',
        '{"type":"joinGroup","group":""}',
        '{"type":"joinGroup","group":"  "}',
        json.dumps({"type": "joinGroup", "group": "g" * 1025}),
        '{"type":"joinGroup","group":"g","ackId":-1}',
        '{"type":"sendToGroup","group":"g","dataType":"text","data":{}}',
        '{"type":"sendToGroup","group":"g","dataType":"binary","data":"no base64"}',
        '{"type":"sendToGroup","group":"g","dataType":"picture","data":""}',
        '{"type":"sendToGroup","group":"g","data":{"x":[1e999]}}',
        '{"type":"sendToGroup","group":"g","data":NaN}',
        '{"type":"event","event":"1st","data":1}',
        '{"type":"sequenceAck","sequenceId":"x"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        protocol.parse_client_message(text)


@pytest.mark.parametrize(
    ("content_type", "body", "data_type", "data"),
    [
        ("application/json", '{"ü":[1,null]}'.encode(), "json", {"ü": [1, None]}),
        ("application/json", b'"text"', "json", "text"),
        ("text/plain", "grüß".encode(), "text", "grüß"),
        ("application/octet-stream", b"\x00\xff", "binary", "AP8="),
    ],
)
def test_a_body_and_message_data_are_the_same_thing(
    content_type: str, body: bytes, data_type: DataType, data: JsonValue
) -> None:
    payload = protocol.payload_of(content_type, body)

    assert payload == Payload(data_type=data_type, data=data)
    assert protocol.payload_of(content_type, protocol.body_of(payload)) == payload


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[-1e999]"),
        ("application/json", b""),
        ("text/plain", b"\xff"),
        ("image/png", b""),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        protocol.payload_of(content_type, body)


def test_a_numbered_message_is_the_message_with_its_number() -> None:
    message = protocol.group_message("g", Payload(data_type="text", data="ü"), "ann").encode()

    assert json.loads(protocol.numbered(message, 7)) == json.loads(message) | {"sequenceId": 7}
