"""What happens to notification channels."""

from dataclasses import dataclass

from shared.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCreated(Event):
    type = "notification_channel.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUpdated(Event):
    type = "notification_channel.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDeleted(Event):
    type = "notification_channel.deleted"
