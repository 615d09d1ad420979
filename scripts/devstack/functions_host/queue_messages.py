"""What a queue message looks like on the wire and to a function."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from azure.storage.queue import QueueMessage

from scripts.devstack.functions_host.messages import TypedData

type Encoding = Literal["base64", "none"]


def encode(body: str | bytes, encoding: Encoding) -> str:
    raw = body.encode() if isinstance(body, str) else body
    return base64.b64encode(raw).decode() if encoding == "base64" else raw.decode()


def decode(content: str, encoding: Encoding) -> str:
    """Raises ValueError when `content` is not what `encoding` says, or not UTF-8 underneath."""
    return base64.b64decode("".join(content.split()), validate=True).decode() if encoding == "base64" else content


def trigger_data(text: str, data_type: str | None) -> TypedData:
    return TypedData(bytes=text.encode()) if data_type == "binary" else TypedData(string=text)


def trigger_metadata(message: QueueMessage, text: str) -> dict[str, TypedData]:
    """The binding data that a queue trigger adds; numbers and times travel as JSON."""
    return {
        "QueueTrigger": TypedData(string=text),
        "Id": TypedData(string=message.id),
        "PopReceipt": TypedData(string=message.pop_receipt),
        "DequeueCount": TypedData(json=json.dumps(message.dequeue_count)),
        "InsertionTime": _time(message.inserted_on),
        "ExpirationTime": _time(message.expires_on),
        "NextVisibleTime": _time(message.next_visible_on),
    }


def _time(value: datetime | None) -> TypedData:
    return TypedData(json=json.dumps(value and value.isoformat()))


def output_bodies(data: TypedData) -> Iterator[str | bytes]:
    """The messages that one output value stands for: a JSON list is many, a message object is its body."""
    if data.kind != "json":
        yield data.value
        return
    value = json.loads(data.value)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item
        else:
            yield item["body"] if "body" in item else json.dumps(item)
