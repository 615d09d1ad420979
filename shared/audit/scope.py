"""Whose entries a caller may see."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.audit.schemas import Filters
from shared.kernel.errors import Unauthenticated
from shared.kernel.values import Actor, Permission, ProjectId, TenantId

_USUAL: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The entries of a tenant, or with a `project_id` those of that project alone."""

    tenant_id: TenantId
    project_id: ProjectId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for: like the filters, but with both ends of the time, `since` included and `until` not."""

    since: datetime
    until: datetime
    given: Filters

    def has_words(self, *words: str) -> bool:
        """Whether the text that was asked for is in one of these, whatever its case."""
        text = (self.given.q or "").casefold()
        return any(text in word.casefold() for word in words)


def scope_of(actor: Actor) -> Scope:
    """Return what a caller may see: a tenant's owner all of it, everybody else their project."""
    if actor.tenant_id is None or actor.project_id is None:
        raise Unauthenticated
    owns_tenant = Permission.TENANT_WRITE in actor.permissions
    return Scope(tenant_id=actor.tenant_id, project_id=None if owns_tenant else actor.project_id)


def wanted(given: Filters, now: datetime) -> Wanted:
    """Return the filters with the times that they leave out."""
    until = given.until or now + timedelta(microseconds=1)
    return Wanted(since=given.since or until - _USUAL, until=until, given=given)


def id_or_none(text: str) -> UUID | None:
    """Return the id that a text is; None for the empty one, and for what is no id."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
