"""What could not be processed is kept, with its reason, where people can see it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, Self
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from shared.kernel.masking import mask_secrets
from shared.platform.aging import forget_older
from shared.platform.database import RawConnection
from shared.platform.foreign import Rejected
from shared.platform.runtime import Runtime, Tx
from shared.platform.tables import DeadLetterRow

KEPT_FOR: Final = timedelta(days=90)
_MAX_CONTENT: Final = 64 * 1_024
_BURY_ALL: Final = """
insert into dead_letters (tenant_id, id, project_id, at, source, reason, content, digest)
select %(tenant)s, uuidv7(), project_id, %(now)s, %(source)s, reason, content, digest
from jsonb_to_recordset(%(letters)s::jsonb) as l(project_id uuid, reason text, content text, digest text)
on conflict (tenant_id, source, digest) do nothing
"""


class FromIntegration(Protocol):
    """Something that an integration sent."""

    @property
    def project_id(self) -> UUID: ...
    @property
    def integration_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What an integration sent and nobody could take."""

    project_id: str
    reason: str
    content: str
    digest: str

    @classmethod
    def of(cls, sent: FromIntegration, rejected: Rejected) -> Self:
        known_by = f"{sent.integration_id}{rejected.reason}{rejected.content}"
        return cls(
            project_id=str(sent.project_id),
            reason=rejected.reason,
            content=mask_secrets(rejected.content),
            digest=hashlib.sha256(known_by.encode()).hexdigest(),
        )


async def bury(tx: Tx, *, project_id: UUID, source: str, reason: str, content: str) -> None:
    """Keep a dead letter without the secrets in it; the same one from the same source is kept once."""
    text = mask_secrets(content.replace("\x00", "�"))[:_MAX_CONTENT]
    await tx.session.execute(
        insert(DeadLetterRow)
        .values(
            tenant_id=tx.tenant_id,
            id=tx.ids.new(),
            project_id=project_id,
            at=tx.now,
            source=source,
            reason=reason,
            content=text,
            digest=hashlib.sha256(f"{reason}{text}".encode()).hexdigest(),
        )
        .on_conflict_do_nothing()
    )


async def bury_all(
    connection: RawConnection, tenant_id: UUID, now: datetime, source: str, letters: Sequence[Letter]
) -> None:
    """Keep dead letters within a shared write."""
    rows = json.dumps([asdict(letter) for letter in letters], ensure_ascii=False)
    await connection.execute(_BURY_ALL, {"tenant": tenant_id, "now": now, "source": source, "letters": rows})


async def forget(runtime: Runtime) -> None:
    """Let go of letters that waited long enough for somebody to look."""
    await forget_older(runtime, DeadLetterRow, DeadLetterRow.at, KEPT_FOR)
