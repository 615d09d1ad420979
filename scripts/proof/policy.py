"""What a call should come to: read from the endpoint's declaration and the table of permissions, and nothing else."""

from enum import StrEnum
from typing import Final

from functions.http import Admission, Endpoint
from scripts.proof.cast import Caller, Standing
from scripts.proof.examples import objects_of
from shared.access.permissions import GRANTED, INTEGRATION

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
    if caller.standing is Standing.NOWHERE:
        is_open = endpoint.needs is Admission.EVERYONE and not caller.credential
        return Outcome.ADMITTED if is_open else Outcome.NOBODY
    if not _may(endpoint, caller):
        return Outcome.FORBIDDEN
    return Outcome.NOT_FOUND if caller.standing is Standing.ELSEWHERE and objects_of(endpoint) else Outcome.ADMITTED


def _may(endpoint: Endpoint, caller: Caller) -> bool:
    match endpoint.needs:
        case Admission.EVERYONE:
            return True
        case Admission.SIGNED_IN:
            return caller.role is not None
        case permission:
            return permission in (_GRANTED[caller.role] if caller.role else INTEGRATION)
