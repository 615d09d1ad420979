"""How notification channels say no."""

from shared.kernel.errors import NotFound


class ChannelNotFound(NotFound):
    title = "Notification channel not found."
