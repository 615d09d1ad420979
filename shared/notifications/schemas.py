"""Notification channels and deliveries on the wire."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr

from shared.access.schemas import Email
from shared.alerts.values import Severity
from shared.notifications.signing import key_of
from shared.notifications.tables import ChannelRow, DeliveryRow
from shared.notifications.values import ChannelKind, DeliveryStatus, Topic
from shared.platform.outbound import target_of
from shared.platform.wire import Name, Time, Wire


def _url(secret: SecretStr) -> SecretStr:
    target_of(secret.get_secret_value())
    return secret


def _signing_secret(secret: SecretStr) -> SecretStr:
    key_of(secret.get_secret_value())
    return secret


Url = Annotated[SecretStr, Field(max_length=2_048), AfterValidator(_url)]
Topics = Annotated[frozenset[Topic], Field(min_length=1)]


class _UrlIn(Wire):
    url: Url

    @property
    def destination(self) -> str:
        """What may be shown of it."""
        return target_of(self.url.get_secret_value()).host

    def secrets(self) -> Mapping[str, str]:
        return {"url": self.url.get_secret_value()}


class SlackIn(_UrlIn):
    """A Slack incoming webhook, or that of a chat which speaks like Slack."""

    kind: Literal[ChannelKind.SLACK]


class TeamsIn(_UrlIn):
    """A Microsoft Teams Workflows webhook."""

    kind: Literal[ChannelKind.TEAMS]


class WebhookIn(_UrlIn):
    """A webhook of one's own, signed by the Standard Webhooks scheme.

    `secret` is `whsec_` and the base64 of 24 to 64 bytes. Without one, the channel keeps what it has, or gets a new
    one.
    """

    kind: Literal[ChannelKind.WEBHOOK]
    secret: Annotated[SecretStr, Field(max_length=100), AfterValidator(_signing_secret)] | None = None

    def secrets(self) -> Mapping[str, str]:
        given = {"secret": self.secret.get_secret_value()} if self.secret else {}
        return {**super().secrets(), **given}


class EmailIn(Wire):
    """One address: a person's, or a mailing list's."""

    kind: Literal[ChannelKind.EMAIL]
    to: Email

    @property
    def destination(self) -> str:
        return self.to

    def secrets(self) -> Mapping[str, str]:
        return {"to": self.to}


Config = Annotated[SlackIn | TeamsIn | WebhookIn | EmailIn, Field(discriminator="kind")]


class ChannelIn(Wire):
    """`events` are what to tell, of incidents of severity `min_severity` or worse."""

    name: Name
    config: Config
    events: Topics = frozenset(Topic)
    min_severity: Severity = Severity.INFO
    enabled: bool = True


class ChannelPatch(Wire):
    """What is absent stays as it is; `config` is replaced as a whole."""

    name: Name = ""
    config: Config | None = None
    events: Topics = frozenset(Topic)
    min_severity: Severity = Severity.INFO
    enabled: bool = True


class ChannelOut(Wire):
    """`destination` is the host that is called or the address that is written to; the rest of it is a secret."""

    id: UUID
    project_id: UUID
    kind: ChannelKind
    name: str
    destination: str
    events: list[Topic]
    min_severity: Severity
    enabled: bool
    version: int
    created_at: Time

    @classmethod
    def of(cls, row: ChannelRow) -> Self:
        return cls(
            id=row.id,
            project_id=row.project_id,
            kind=ChannelKind(row.kind),
            name=row.name,
            destination=row.destination,
            events=[Topic(one) for one in row.events],
            min_severity=Severity(row.min_severity),
            enabled=row.enabled,
            version=row.version,
            created_at=row.created_at,
        )


class ChannelSecretOut(ChannelOut):
    """`signing_secret` was made just now and is shown this once; null where none was."""

    signing_secret: str | None

    @classmethod
    def with_secret(cls, row: ChannelRow, secret: str | None) -> Self:
        return cls(**ChannelOut.of(row).model_dump(), signing_secret=secret)


class DeliveryOut(Wire):
    """How one notification went. `failed` is tried again at `due_at`; `gave_up` is not. `error` is in our words."""

    id: UUID
    channel_id: UUID
    event_id: UUID | None
    event_type: str
    incident_id: UUID | None
    status: DeliveryStatus
    attempts: int
    response_code: int | None
    error: str
    created_at: Time
    attempted_at: Time | None
    finished_at: Time | None
    due_at: Time | None

    @classmethod
    def of(cls, row: DeliveryRow) -> Self:
        return cls(
            id=row.id,
            channel_id=row.channel_id,
            event_id=row.event_id,
            event_type=row.event_type,
            incident_id=row.incident_id,
            status=DeliveryStatus(row.status),
            attempts=row.attempts,
            response_code=row.response_code,
            error=row.error,
            created_at=row.created_at,
            attempted_at=row.attempted_at,
            finished_at=row.finished_at,
            due_at=row.due_at,
        )


class ChannelsQuery(Wire):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class DeliveriesQuery(ChannelsQuery):
    status: DeliveryStatus | None = None
