"""What the platform itself says on the wire."""

from datetime import datetime, timedelta
from typing import Self

from shared.platform.realtime import CLIENT_MINUTES, Channel, ClientAccess
from shared.platform.wire import Time, Wire


class NegotiateIn(Wire):
    """The channels to listen to; all of them by default."""

    channels: frozenset[Channel] = frozenset(Channel)


class NegotiateOut(Wire):
    """Where to connect; the URL's token ends at `expires_at`, an open connection does not."""

    url: str
    expires_at: Time
    groups: list[str]

    @classmethod
    def of(cls, access: ClientAccess, now: datetime) -> Self:
        return cls(url=access.url, expires_at=now + timedelta(minutes=CLIENT_MINUTES), groups=list(access.groups))
