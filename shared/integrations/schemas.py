"""Integrations on the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from shared.integrations.tables import IntegrationRow
from shared.integrations.values import WEBHOOKS, IntegrationKind
from shared.platform.wire import Line, Time, Wire


class IntegrationIn(Wire):
    kind: IntegrationKind
    name: Annotated[Line, Field(min_length=1, max_length=200)]


class IntegrationOut(Wire):
    """`webhook_path` is where the sender posts, below the API's base URL."""

    id: UUID
    project_id: UUID
    kind: IntegrationKind
    name: str
    webhook_path: str
    created_at: Time
    revoked_at: Time | None

    @classmethod
    def of(cls, row: IntegrationRow) -> Self:
        kind = IntegrationKind(row.kind)
        return cls(
            id=row.id,
            project_id=row.project_id,
            kind=kind,
            name=row.name,
            webhook_path=WEBHOOKS[kind],
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )


class IntegrationTokenOut(IntegrationOut):
    """`token` is shown this once; the sender puts it into `Authorization: Bearer`."""

    token: str

    @classmethod
    def with_token(cls, row: IntegrationRow, token: str) -> Self:
        return cls(**IntegrationOut.of(row).model_dump(), token=token)
