"""Azure Web PubSub: live events to browsers. A hint, never the truth: whoever misses one reads the event log."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from shared.kernel.errors import Unavailable
from shared.platform.entra import Identity
from shared.platform.settings import Settings

if TYPE_CHECKING:
    from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

HUB: Final = "srecopilot"
_MAX_SIGNATURES: Final = 4  # a service has two keys
CLIENT_MINUTES: Final = 2  # to connect with; whoever lost their rights meanwhile can use a URL for no longer


class Channel(StrEnum):
    """What a client may listen to, in each project."""

    INCIDENTS = "incidents"
    HYPOTHESES = "hypotheses"
    ALERTS = "alerts"


class RealtimeAway(Unavailable):
    title = "Live events are unavailable. Try again later."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAccess:
    """Where a browser connects. `url` carries a token that lives for `CLIENT_MINUTES`."""

    url: str
    groups: tuple[str, ...]


def group_of(tenant_id: UUID, project_id: UUID, channel: str) -> str:
    """Return the name of the group that gets a project's events of one channel."""
    return f"t.{tenant_id}.p.{project_id}.{channel}"


def listener(tenant_id: UUID, actor_id: UUID) -> str:
    """Return the name by which the service knows all connections of a person or program."""
    return f"{tenant_id}:{actor_id}"


class Realtime:
    """Publishes to groups and admits clients."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._identity = Identity(settings.azure_client_id)
        self._client: WebPubSubServiceClient | None = None
        given = dict(part.partition("=")[::2] for part in settings.webpubsub.get_secret_value().split(";"))
        self._endpoint = given.get("Endpoint") or settings.webpubsub_endpoint
        keys = (given.get("AccessKey", ""), *settings.webpubsub_event_keys.get_secret_value().split(","))
        self._event_keys = [key.strip().encode() for key in keys if key.strip()]

    async def publish(self, group: str, message: dict[str, Any]) -> None:
        """Send one JSON message to everyone in a group. Raises `RealtimeAway`."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - the client's imports cost 0.1 s

        try:
            await self._connected().send_to_group(group, message, content_type="application/json")
        except (AzureError, OSError, TimeoutError) as error:
            raise RealtimeAway from error

    async def admit(self, user: str, groups: Sequence[str]) -> ClientAccess:
        """Return a client URL whose token holds these groups and no roles: its bearer can listen, and nothing else."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        try:
            token = await self._connected().get_client_access_token(
                user_id=user, groups=list(groups), minutes_to_expire=CLIENT_MINUTES
            )
        except (AzureError, OSError, TimeoutError) as error:
            raise RealtimeAway from error
        return ClientAccess(url=str(token["url"]), groups=tuple(groups))

    async def disconnect(self, user: str) -> None:
        """Close every connection of a listener; its client asks anew what it may hear. Raises `RealtimeAway`."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        try:
            await self._connected().close_user_connections(user, reason="What you may hear has changed.")
        except (AzureError, OSError, TimeoutError) as error:
            raise RealtimeAway from error

    async def is_connected(self, connection_id: str) -> bool:
        """Whether there is such a connection. Raises `RealtimeAway`."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        try:
            return bool(await self._connected().connection_exists(connection_id))
        except (AzureError, OSError, TimeoutError) as error:
            raise RealtimeAway from error

    def is_ours(self, origin: str) -> bool:
        """Whether an origin, a host's name, is that of the service that we use."""
        return bool(origin) and origin.lower() == (urlsplit(self._endpoint).hostname or "")

    def has_signed(self, connection_id: str, signatures: str) -> bool:
        """Whether the service sent what it tells of a connection: HMAC-SHA256 of its id under one of the access keys.

        `signatures` is the header `ce-signature`, such as `sha256=…,sha256=…`: one for each key of the service.
        """
        shown = [one.strip() for one in signatures.split(",")][:_MAX_SIGNATURES]
        right = [f"sha256={hmac.new(key, connection_id.encode(), sha256).hexdigest()}" for key in self._event_keys]
        return any(hmac.compare_digest(one.encode(), other.encode()) for one in shown for other in right)

    async def ping(self) -> None:
        """Raise when the service does not answer. Asks for a group that nobody is in."""
        await self._connected().group_exists("health")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
        await self._identity.close()

    def _connected(self) -> "WebPubSubServiceClient":
        if self._client is None:
            from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient  # noqa: PLC0415 - as above

            options: dict[str, Any] = {"retry_total": 0, "connection_timeout": 1, "read_timeout": 5}
            if given := self._settings.webpubsub.get_secret_value():
                self._client = WebPubSubServiceClient.from_connection_string(given, hub=HUB, **options)
            else:
                self._client = WebPubSubServiceClient(
                    endpoint=self._settings.webpubsub_endpoint, hub=HUB, credential=self._identity.credential, **options
                )
        return self._client
