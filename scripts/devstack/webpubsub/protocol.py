"""Messages of the subprotocols json.webpubsub.azure.v1 and json.reliable.webpubsub.azure.v1, both directions."""

import base64
import json
import math
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, TypeAdapter, model_validator
from pydantic.alias_generators import to_camel

PLAIN = "json.webpubsub.azure.v1"
RELIABLE = "json.reliable.webpubsub.azure.v1"
SUBPROTOCOLS = (RELIABLE, PLAIN)

DataType = Literal["json", "text", "binary"]
CONTENT_TYPES: dict[str, DataType] = {
    "application/json": "json",
    "text/plain": "text",
    "application/octet-stream": "binary",
}
CONTENT_TYPE_HEADERS: dict[DataType, str] = {
    "json": "application/json; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "binary": "application/octet-stream",
}
HubName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_`,.\[\]]{0,127}$")]
GroupName = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"\S")]
EventName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$")]
Unsigned = Annotated[int, Field(ge=0, lt=1 << 64)]


class Payload(BaseModel):
    """Data in flight: `binary` is base64, `text` a string, `json` any value."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, populate_by_name=True)

    data_type: DataType = "json"
    data: JsonValue = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.data_type != "json" and not isinstance(self.data, str):
            raise ValueError(f"{self.data_type} data is a string")
        if self.data_type == "binary":
            base64.b64decode(str(self.data), validate=True)
        if not _is_finite(self.data):
            raise ValueError("JSON has neither infinity nor not-a-number")
        return self


class _Request(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class _Acknowledged(_Request):
    ack_id: Unsigned | None = None


class JoinGroup(_Acknowledged):
    type: Literal["joinGroup"]
    group: GroupName


class LeaveGroup(_Acknowledged):
    type: Literal["leaveGroup"]
    group: GroupName


class SendToGroup(_Acknowledged, Payload):
    type: Literal["sendToGroup"]
    group: GroupName
    no_echo: bool = False


class UserEvent(_Acknowledged, Payload):
    type: Literal["event"]
    event: EventName


class SequenceAck(_Request):
    type: Literal["sequenceAck"]
    sequence_id: Unsigned


class Ping(_Request):
    type: Literal["ping"]


Operation = JoinGroup | LeaveGroup | SendToGroup | UserEvent
ClientMessage = Operation | SequenceAck | Ping

_json_value: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_client_message: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")])

PONG = b'{"type":"pong"}'


def parse_client_message(text: str) -> ClientMessage:
    """Raises ValueError when it is not a message of the subprotocol."""
    return _client_message.validate_json(text)


def connected(connection_id: str, user_id: str | None, reconnection_token: str | None) -> bytes:
    message = {"type": "system", "event": "connected", "userId": user_id, "connectionId": connection_id}
    if reconnection_token is not None:
        message["reconnectionToken"] = reconnection_token
    return _encode(message).encode()


def disconnected(reason: str) -> bytes:
    return _encode({"type": "system", "event": "disconnected", "message": reason}).encode()


def ack(ack_id: int, *, error: tuple[str, str] | None = None) -> bytes:
    """The answer to an operation; `error` is a name and a text."""
    message: dict[str, Any] = {"type": "ack", "ackId": ack_id, "success": error is None}
    if error is not None:
        message["error"] = {"name": error[0], "message": error[1]}
    return _encode(message).encode()


def group_message(group: str, payload: Payload, from_user_id: str | None = None) -> str:
    sender = {} if from_user_id is None else {"fromUserId": from_user_id}
    return _encode({"type": "message", "from": "group", "group": group, **sender} | _data(payload))


def server_message(payload: Payload) -> str:
    """A data message to everybody, a user or a connection."""
    return _encode({"type": "message", "from": "server"} | _data(payload))


def numbered(message: bytes, sequence_id: int) -> bytes:
    """The message as a reliable connection gets it; spliced, because it was serialised once for everybody."""
    return b'{"sequenceId":%d,%b' % (sequence_id, message[1:])


def payload_of(content_type: str, body: bytes) -> Payload:
    """An HTTP body as message data.

    Raises:
        ValueError: a content type that messages do not have, or a body that does not fit it.

    """
    data_type = CONTENT_TYPES.get(content_type)
    match data_type:
        case "json":
            return Payload(data_type=data_type, data=_json_value.validate_json(body))
        case "text":
            return Payload(data_type=data_type, data=body.decode())
        case "binary":
            return Payload(data_type=data_type, data=base64.b64encode(body).decode())
        case _:
            raise ValueError(f"Content type {content_type} is none of {', '.join(CONTENT_TYPES)}.")


def body_of(payload: Payload) -> bytes:
    """Message data as an HTTP body; the reverse of `payload_of`."""
    match payload.data_type:
        case "json":
            return json.dumps(payload.data, ensure_ascii=False).encode()
        case "text":
            return str(payload.data).encode()
        case "binary":
            return base64.b64decode(str(payload.data))


def _data(payload: Payload) -> dict[str, Any]:
    return {"dataType": payload.data_type, "data": payload.data}


def _encode(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _is_finite(value: JsonValue) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_is_finite, value))
        case dict():
            return all(map(_is_finite, value.values()))
        case _:
            return True
