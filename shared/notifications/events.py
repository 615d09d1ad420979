"""What happens to notification channels."""

from shared.kernel.events import Event


class ChannelCreated(Event):
    type = "notification_channel.created"


class ChannelUpdated(Event):
    type = "notification_channel.updated"


class ChannelDeleted(Event):
    type = "notification_channel.deleted"
