"""What a call should come to: read from the endpoint's declaration and the table of permissions, and nothing else."""

from dataclasses import replace
from enum import StrEnum
from typing import Final

from functions.http import Admission, Endpoint
from scripts.proof.cast import Caller, Standing
from scripts.proof.examples import things_of
from shared.access.errors import PeopleOnly
from shared.access.permissions import GRANTED, INTEGRATION, TENANT_OWNER
from shared.kernel.errors import Forbidden, Unauthenticated
from shared.kernel.values import Permission

# Taken before anyone can change them, for tests do.
_GRANTED: Final = dict(GRANTED)


class Outcome(StrEnum):
    """What a caller comes to."""

    ADMITTED = "admitted"
    NOBODY = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"


def expected(endpoint: Endpoint, caller: Caller) -> Outcome:
    """Return what must come of it when the caller asks for a thing at home."""
    if Unauthenticated in endpoint.raises:
        return Outcome.NOBODY  # it asks for a credential of its own, which these callers do not have
    if caller.standing is Standing.NOWHERE:
        return Outcome.ADMITTED if endpoint.needs is Admission.EVERYONE else Outcome.NOBODY
    is_in_path = acts_at_home(endpoint) and caller.standing is Standing.ELSEWHERE
    if is_in_path and caller.role_at_home is None:
        return Outcome.NOT_FOUND
    if not _may(endpoint, replace(caller, role=caller.role_at_home) if is_in_path else caller):
        return Outcome.FORBIDDEN
    reached_for = things_of(endpoint) - ({"project_id"} if caller.role_at_home else set())
    if caller.standing is Standing.ELSEWHERE and not is_in_path and reached_for:
        return Outcome.NOT_FOUND
    return Outcome.ADMITTED if _is_theirs(endpoint, caller) else Outcome.FORBIDDEN


def acts_at_home(endpoint: Endpoint) -> bool:
    """Whether the path names the project, so that the caller's role there counts."""
    return "project_id" in endpoint.path_types


def _may(endpoint: Endpoint, caller: Caller) -> bool:
    match endpoint.needs:
        case Admission.EVERYONE:
            return True
        case Admission.SIGNED_IN:
            # An endpoint that refuses some of those who are signed in is one for people.
            return caller.is_person if Forbidden in endpoint.raises else caller.role is not None
        case permission:
            return permission in _permissions(caller) and (caller.is_person or PeopleOnly not in endpoint.raises)


def _is_theirs(endpoint: Endpoint, caller: Caller) -> bool:
    """Whether a saved view or a comment is the caller's to change; a comment is also a moderator's to delete."""
    if "saved_view_id" in endpoint.path_types:
        return caller.is_author
    if "comment_id" not in endpoint.path_types:
        return True
    moderates = endpoint.method == "DELETE" and Permission.COMMENT_MODERATE in _permissions(caller)
    return caller.is_author or moderates


def _permissions(caller: Caller) -> frozenset[Permission]:
    if caller.role is None:
        return INTEGRATION
    return _GRANTED[caller.role] | (TENANT_OWNER if caller.owns_tenant else frozenset())
