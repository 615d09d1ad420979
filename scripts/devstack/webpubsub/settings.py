"""What one process of the stand-in is told."""

from dataclasses import dataclass, field

MESSAGE_BYTES = 1 << 20
"""Largest message and largest WebSocket frame, as the service documents."""

ACCESS_KEY_BYTES = 32  # least for HS256; a semicolon would end it in a connection string


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a client may fall behind before it is closed."""

    messages: int = 1000
    size: int = 16 << 20  # bytes


@dataclass(frozen=True, slots=True)
class EventHandler:
    """Where client events are posted: `{hub}` and `{event}` in the template are filled in."""

    url_template: str
    system_events: frozenset[str] = frozenset({"connected", "disconnected"})
    user_events: frozenset[str] = frozenset({"*"})

    def handles_user_event(self, name: str) -> bool:
        return "*" in self.user_events or name in self.user_events


@dataclass(frozen=True, slots=True)
class Settings:
    """Durations are seconds."""

    redis_url: str
    access_key: str
    event_handler: EventHandler | None = None
    limits: Limits = field(default_factory=Limits)
    session_keep: float = 30
    directory_ttl: float = 15

    def __post_init__(self) -> None:
        if len(self.access_key.encode()) < ACCESS_KEY_BYTES or ";" in self.access_key:
            raise ValueError(f"The access key needs at least {ACCESS_KEY_BYTES} bytes and no semicolon.")
