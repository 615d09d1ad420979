"""Integrations on the wire."""

from base64 import b64encode
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr

from shared.integrations.tables import IntegrationCheckRow, IntegrationRow
from shared.integrations.values import WEBHOOKS, IntegrationKind, Store, Stored
from shared.platform.outbound import target_of
from shared.platform.wire import Line, Name, Time, Wire

MAX_GRACE: Final = 7 * 24 * 3_600


def _base_url(url: str) -> str:
    target_of(url)
    if "?" in url:
        raise ValueError("must have no query")
    return url.rstrip("/")


def _token(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be printable ASCII without blanks")
    return secret


def _printable(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().isprintable():
        raise ValueError("must be printable")
    return secret


BaseUrl = Annotated[Line, Field(max_length=2_048), AfterValidator(_base_url)]


class BearerIn(Wire):
    """A token for `Authorization: Bearer`."""

    type: Literal["bearer"]
    token: Annotated[SecretStr, Field(min_length=1, max_length=4_096), AfterValidator(_token)]

    def authorization(self) -> str:
        return f"Bearer {self.token.get_secret_value()}"


class BasicIn(Wire):
    """A user name and a password for `Authorization: Basic` (RFC 7617)."""

    type: Literal["basic"]
    username: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^:\x00-\x1f\x7f]+$")]
    password: Annotated[SecretStr, Field(max_length=1_000), AfterValidator(_printable)]

    def authorization(self) -> str:
        return "Basic " + b64encode(f"{self.username}:{self.password.get_secret_value()}".encode()).decode()


Credentials = Annotated[BearerIn | BasicIn, Field(discriminator="type")]


class IntegrationIn(Wire):
    """`base_url` and `credentials` are how to ask the sender itself; credentials are never shown again."""

    kind: IntegrationKind
    name: Name
    base_url: BaseUrl | None = None
    credentials: Credentials | None = None


class IntegrationPatch(Wire):
    """What is absent stays as it is; null takes a base URL or credentials away."""

    name: Name = ""
    base_url: BaseUrl | None = None
    credentials: Credentials | None = None


class RotateIn(Wire):
    """`grace_seconds` is how long the token given before still holds."""

    grace_seconds: Annotated[int, Field(ge=0, le=MAX_GRACE)] = 0


class IntegrationOut(Wire):
    """`webhook_path` is where the sender posts, below the API's base URL; null for a kind that posts nothing yet.

    The token given before the last rotation holds until `previous_token_until`.
    """

    id: UUID
    project_id: UUID
    kind: IntegrationKind
    name: str
    base_url: str | None
    has_credentials: bool
    webhook_path: str | None
    version: int
    created_at: Time
    previous_token_until: Time | None
    revoked_at: Time | None

    @classmethod
    def of(cls, row: IntegrationRow) -> Self:
        kind = IntegrationKind(row.kind)
        return cls(
            id=row.id,
            project_id=row.project_id,
            kind=kind,
            name=row.name,
            base_url=row.base_url,
            has_credentials=row.credentials is not None,
            webhook_path=WEBHOOKS.get(kind),
            version=row.version,
            created_at=row.created_at,
            previous_token_until=row.previous_until,
            revoked_at=row.revoked_at,
        )


class IntegrationTokenOut(IntegrationOut):
    """`token` is shown this once; the sender puts it into `Authorization: Bearer`."""

    token: str

    @classmethod
    def with_token(cls, row: IntegrationRow, token: str) -> Self:
        return cls(**IntegrationOut.of(row).model_dump(), token=token)


class CheckOut(Wire):
    """One look at an integration's health. `detail` says what was wrong, empty when nothing."""

    id: UUID
    at: Time
    ok: bool
    latency_ms: int
    detail: str

    @classmethod
    def of(cls, row: IntegrationCheckRow) -> Self:
        return cls(id=row.id, at=row.at, ok=row.ok, latency_ms=row.latency_ms, detail=row.detail)


class IntegrationDetailOut(IntegrationOut):
    """An integration with its last check, null before the first one."""

    last_check: CheckOut | None

    @classmethod
    def with_check(cls, row: IntegrationRow, check: IntegrationCheckRow | None) -> Self:
        return cls(**IntegrationOut.of(row).model_dump(), last_check=CheckOut.of(check) if check else None)


class ChecksQuery(Wire):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class DeadLettersQuery(Wire):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class DeadLetterOut(Wire):
    """Something that could not be processed. `source` is what it was for, such as `alerts`; `excerpt` is how it begins.

    The excerpt has at most 2,000 characters, and no secrets.
    """

    id: UUID
    at: Time
    source: str
    reason: str
    excerpt: str


class IngestedOut(Wire):
    """How many items were taken and how many refused; `stored` says where they are by now."""

    accepted: int
    rejected: int
    batch_id: UUID
    stored: Store

    @classmethod
    def of(cls, result: Stored) -> Self:
        return cls(accepted=result.accepted, rejected=result.rejected, batch_id=result.batch_id, stored=result.stored)
