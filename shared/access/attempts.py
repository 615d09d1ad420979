"""How often somebody may try, counted before what a flood would be after: hashing, the database, mail to strangers."""

import hashlib
import math
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Final

from shared.access.errors import TooManyAttempts, TooManyInvitations
from shared.kernel.errors import TooMany
from shared.platform.buckets import Limit
from shared.platform.runtime import Runtime

PER_ACCOUNT: Final = Limit(count=10, seconds=60)
PER_ADDRESS: Final = Limit(count=20, seconds=20)  # a small burst, for each one costs a core a quarter of a second
RESETS_PER_ACCOUNT: Final = Limit(count=3, seconds=900)  # each one is a mail to somebody who may not have asked
INVITATIONS_PER_ADDRESSEE: Final = Limit(count=3, seconds=900)  # as above
_MINUTE: Final = 60.0
_IPV6_SUBSCRIBER: Final = 64  # bits: one subscriber has at least this many addresses


async def count_attempt(runtime: Runtime, address: str, *, email: str | None = None) -> None:
    """Count a try by whoever calls from `address` (empty where unknown), for the account of `email`.

    Raises `TooManyAttempts`, and `Unavailable` while attempts cannot be counted.
    """
    await _count(runtime, address, {} if email is None else {f"attempts:account:{_hidden(email)}": PER_ACCOUNT})


async def count_reset_request(runtime: Runtime, address: str, email: str) -> None:
    """Count a request for a password link to `email`, known or not. Raises as `count_attempt`."""
    await _count(runtime, address, {f"attempts:reset:{_hidden(email)}": RESETS_PER_ACCOUNT})


async def count_invitation(runtime: Runtime, email: str) -> None:
    """Count an invitation of `email`, whoever invites. Raises `TooManyInvitations`, else as `count_attempt`."""
    limit = {f"attempts:invitation:{_hidden(email)}": INVITATIONS_PER_ADDRESSEE}
    await _count(runtime, "", limit, refusal=TooManyInvitations)


def check_guesses(runtime: Runtime, address: str) -> None:
    """Raises `TooMany` where too many wrong API keys came from `address` lately. It asks no store."""
    verdict = runtime.limits.local.peek(*_guesses(runtime, address))
    if not verdict.allowed:
        raise TooMany(retry_after=math.ceil(verdict.retry_after))


def count_guess(runtime: Runtime, address: str) -> None:
    """Count a wrong API key from `address`."""
    runtime.limits.local.take(*_guesses(runtime, address))


def _guesses(runtime: Runtime, address: str) -> tuple[str, Limit]:
    return f"guesses:{_network(address)}", Limit(count=runtime.settings.rate_limit, seconds=_MINUTE)


async def _count(
    runtime: Runtime, address: str, of_account: Mapping[str, Limit], *, refusal: type[TooMany] = TooManyAttempts
) -> None:
    of_address = {f"attempts:address:{_network(address)}": PER_ADDRESS} if address else {}
    for key, limit in {**of_address, **of_account}.items():
        verdict = await runtime.limits.take(key, limit, strict=True)
        if not verdict.allowed:
            raise refusal(retry_after=math.ceil(verdict.retry_after))


def _hidden(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> _IPV6_SUBSCRIBER << _IPV6_SUBSCRIBER)) if found.version == 6 else str(found)  # noqa: PLR2004 - IPv6
