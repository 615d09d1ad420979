"""The worker protocol's messages as plain Python classes.

The worker library takes its message classes as a parameter and touches only their attributes, so gRPC and protobuf are
not needed. Names are those of the FunctionRpc protocol.
"""

import enum
from types import SimpleNamespace
from typing import Any, Final


class Message(SimpleNamespace):
    """A message whose unset fields read as None."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):  # copy, pickle and inspect probe for these
            raise AttributeError(name)


class TypedData:
    """One value of one kind: `http`, `string`, `bytes`, `json`, `int` or `double`; no keyword means no value."""

    __slots__ = ("kind", "value")

    kind: str | None
    value: Any

    def __init__(self, **one: Any) -> None:
        ((self.kind, self.value),) = one.items() if one else ((None, None),)

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - the protocol's name
        return self.kind

    def __getattr__(self, name: str) -> Any:
        if name == self.kind:
            return self.value
        raise AttributeError(name)

    @property
    def TypedData(self) -> "TypedData":  # noqa: N802 - tried first; found, it spares an exception per value
        return self


class ParameterBinding:
    """A named value going into or coming out of a function."""

    __slots__ = ("data", "name")

    def __init__(self, name: str, data: TypedData) -> None:
        self.name, self.data = name, data

    def WhichOneof(self, _group: str) -> str:  # noqa: N802 - the protocol's name
        return "data"


class StatusResult(Message):
    Failure, Success, Cancelled = 0, 1, 2


class BindingInfo(Message):
    undefined, out, inout = 0, 1, 2  # codespell:ignore inout


class RpcHttpCookie(Message):
    # The functional form, because `None`, meaning "not given", cannot be written as a member's name.
    SameSite = enum.IntEnum("SameSite", {"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})


_PLAIN = (
    "FunctionMetadataResponse",
    "InvocationResponse",
    "NullableBool",
    "NullableDouble",
    "NullableString",
    "NullableTimestamp",
    "RpcException",
    "RpcFunctionMetadata",
    "RpcHttp",
    "RpcRetryOptions",
    "Timestamp",
)

PROTOS: Final = SimpleNamespace(
    TypedData=TypedData,
    ParameterBinding=ParameterBinding,
    StatusResult=StatusResult,
    BindingInfo=BindingInfo,
    RpcHttpCookie=RpcHttpCookie,
    **{name: type(name, (Message,), {}) for name in _PLAIN},
)
