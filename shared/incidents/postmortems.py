"""What people write down about an incident: kept, published, exported. The event log never holds its text."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.incidents import store
from shared.incidents.commands import Move, check_in_use, move
from shared.incidents.errors import PostmortemNotWritten
from shared.incidents.events import PostmortemPublished, PostmortemSaved
from shared.incidents.lifecycle import By, State
from shared.incidents.postmortem_draft import literal
from shared.incidents.tables import PostmortemRow
from shared.kernel.errors import check_version
from shared.kernel.values import IncidentId, ProjectId
from shared.platform.runtime import Tx

UNWRITTEN = 0  # the version of a postmortem that nobody has saved


async def find(tx: Tx, project_id: ProjectId, incident_id: IncidentId) -> PostmortemRow | None:
    """Return an incident's postmortem, if one was saved. Raises `IncidentNotFound`."""
    await store.check_exists(tx, project_id, incident_id)
    return await _of(tx, incident_id)


async def save(
    tx: Tx,
    project_id: ProjectId,
    incident_id: IncidentId,
    *,
    body: str,
    action_items: Sequence[Mapping[str, Any]],
    expected: int | None,
) -> PostmortemRow:
    """Keep a postmortem as it was written; what was published of it stays. `expected` 0: there was none yet.

    Raises `IncidentNotFound`, `PutAway`, `StaleVersion`.
    """
    incident = await store.lock(tx, incident_id, project_id)
    check_in_use(incident)
    row = await _of(tx, incident_id)
    check_version(row.version if row else UNWRITTEN, expected)
    items = [dict(item) for item in action_items]
    if row is None:
        row = PostmortemRow(
            tenant_id=tx.tenant_id, id=tx.ids.new(), incident_id=incident_id, version=UNWRITTEN, created_at=tx.now
        )
        tx.session.add(row)
    elif (row.body, row.action_items) == (body, items):
        return row
    before = row.version
    row.body, row.action_items, row.updated_at, row.version = body, items, tx.now, before + 1
    tx.record(
        PostmortemSaved(
            project_id=project_id,
            subject_id=row.id,
            incident_id=incident_id,
            changes={"version": (before, row.version)},
        )
    )
    return row


async def publish(tx: Tx, project_id: ProjectId, incident_id: IncidentId, *, expected: int | None) -> PostmortemRow:
    """Publish what was saved last. The first time, its incident goes from resolved to learned.

    Raises `IncidentNotFound`, `PutAway`, `PostmortemNotWritten`, `StaleVersion`, `IllegalTransition`.
    """
    incident = await store.lock(tx, incident_id, project_id)
    check_in_use(incident)
    row = await _of(tx, incident_id)
    if row is None:
        raise PostmortemNotWritten
    check_version(row.version if row else UNWRITTEN, expected)
    if row.published_version == row.version:
        return row
    if incident.state != State.LEARNED:
        policy = await store.policy(tx, incident.project_id)
        await move(tx, incident, Move(to=State.LEARNED, note="", by=By.POSTMORTEM), policy)
    before, row.published_version = row.published_version, row.version
    row.published_body, row.published_action_items = row.body, row.action_items
    row.published_at, row.published_by = tx.now, tx.actor.name
    tx.record(
        PostmortemPublished(
            project_id=project_id,
            subject_id=row.id,
            incident_id=incident_id,
            data={"incident_id": incident_id, "version": row.version},
            changes={"published_version": (before, row.version)},
        )
    )
    return row


def exported(row: PostmortemRow) -> str:
    """Return a saved postmortem as one Markdown document, with its standing and its action items."""
    lines = [row.body.rstrip(), "", "## Action items", ""]
    lines += [_item(item) for item in row.action_items] or ["None."]
    return "\n".join([*lines, "", "---", "", f"_{_standing(row)}_"]) + "\n"


def _standing(row: PostmortemRow) -> str:
    if row.published_at is None:
        return "Draft, not published."
    published = f"Published on {_day(row.published_at)}"
    return f"{published}." if row.published_version == row.version else f"{published}; edited since, not published yet."


def _item(item: Mapping[str, Any]) -> str:
    named = [literal(item["owner"]) if item["owner"] else "", f"due {item['due']}" if item["due"] else ""]
    rest = ", ".join(part for part in named if part)
    return f"- [{'x' if item['done'] else ' '}] {literal(item['title'])}" + (f" ({rest})" if rest else "")


def _day(at: datetime) -> str:
    return at.date().isoformat()


async def _of(tx: Tx, incident_id: IncidentId) -> PostmortemRow | None:
    found: PostmortemRow | None = await tx.session.scalar(
        tx.select(PostmortemRow).where(PostmortemRow.incident_id == incident_id)
    )
    return found
