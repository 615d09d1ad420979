"""What processes tell each other: every command goes to all of them, and each applies it to its own connections."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from scripts.devstack.webpubsub.connections import Target


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True)
    hub: str


class Deliver(_Command):
    kind: Literal["deliver"] = "deliver"
    target: Target
    message: str
    """Serialised once, by whoever sends."""
    excluded: frozenset[str] = frozenset()
    filter: str | None = None
    deadline: float | None = None
    """Seconds since the epoch."""


class Close(_Command):
    kind: Literal["close"] = "close"
    target: Target
    reason: str
    excluded: frozenset[str] = frozenset()


class JoinGroups(_Command):
    kind: Literal["join"] = "join"
    connections: frozenset[str]
    groups: frozenset[str]


class LeaveGroups(_Command):
    kind: Literal["leave"] = "leave"
    connections: frozenset[str]
    groups: frozenset[str] | None
    """None is all of them."""


class SetRoles(_Command):
    kind: Literal["roles"] = "roles"
    connection: str
    roles: frozenset[str]


Command = Deliver | Close | JoinGroups | LeaveGroups | SetRoles

_command: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="kind")])


def encode(command: Command) -> bytes:
    return _command.dump_json(command)


def decode(data: bytes) -> Command:
    return _command.validate_json(data)
