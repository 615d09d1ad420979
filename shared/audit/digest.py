"""The arithmetic of seals: digests of a day's entries, and what it means that two of them differ. Pure.

A seal holds, for calls and for changes, how many there were, a chained digest of them in their order, and a digest of
the set of them that does not depend on the order. It also holds the digest of the day before, so that a seal cannot be
replaced without those after it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from shared.kernel.canonical import canonical

FIRST: Final = "0" * 64  # what stands for the digest of the day before, on a tenant's first day
_SPACE: Final = 2**256


class Fault(StrEnum):
    """Why a day is not what was sealed."""

    SEAL_MISSING = "seal_missing"
    SEAL_FORGED = "seal_forged"
    ANCHOR_MISSING = "anchor_missing"
    ANCHOR_DIFFERS = "anchor_differs"
    CHAIN_BROKEN = "chain_broken"
    ENTRY_ADDED = "entry_added"
    ENTRY_REMOVED = "entry_removed"
    ENTRY_ALTERED = "entry_altered"
    ENTRIES_REORDERED = "entries_reordered"


@dataclass(frozen=True, slots=True)
class Sum:
    """Entries of one kind. `chain` depends on their order, `contents` on the entries alone; both hexadecimal."""

    count: int
    chain: str
    contents: str


class Tally:
    """Takes entries one at a time, in their order, and holds none of them."""

    def __init__(self) -> None:
        self._count = 0
        self._chain = bytes(32)
        self._contents = 0

    def add(self, place: str, content: Mapping[str, Any]) -> None:
        """Take an entry: `place` is what orders it, `content` all else, as JSON has it."""
        body = hashlib.sha256(_bytes(canonical(content))).digest()
        self._chain = hashlib.sha256(self._chain + _bytes(place) + b"\0" + body).digest()
        self._contents = (self._contents + int.from_bytes(body)) % _SPACE
        self._count += 1

    @property
    def sum(self) -> Sum:
        return Sum(self._count, self._chain.hex(), f"{self._contents:064x}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A day of a tenant as it was."""

    tenant_id: UUID
    day: date
    previous: str
    calls: Sum
    changes: Sum

    @property
    def content(self) -> str:
        """Return the seal as canonical JSON."""
        plain = {"tenant_id": str(self.tenant_id), "day": self.day.isoformat(), "previous": self.previous}
        return canonical(plain | {"calls": asdict(self.calls), "changes": asdict(self.changes)})

    @classmethod
    def read(cls, content: str) -> Self:
        """Return the seal that a content says. Raises `ValueError` where it is none."""
        try:
            found = json.loads(content)
            return cls(
                tenant_id=UUID(found["tenant_id"]),
                day=date.fromisoformat(found["day"]),
                previous=str(found["previous"]),
                calls=_sum(found["calls"]),
                changes=_sum(found["changes"]),
            )
        except (KeyError, TypeError, AttributeError):
            raise ValueError("not a seal") from None


def _sum(found: Mapping[str, Any]) -> Sum:
    read = Sum(**found)
    if not isinstance(read.count, int):
        raise TypeError
    return read


def _bytes(text: str) -> bytes:
    """Return text as bytes, also such as no entry of ours has: an alteration may be halves of characters."""
    return text.encode(errors="surrogatepass")


def digest_of(content: str) -> str:
    """Return the digest of a seal's content, hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


def difference(sealed: Sum, found: Sum) -> Fault | None:
    """Return what was done to entries since they were sealed; None where nothing was."""
    if sealed == found:
        return None
    if sealed.count != found.count:
        return Fault.ENTRY_REMOVED if found.count < sealed.count else Fault.ENTRY_ADDED
    return Fault.ENTRIES_REORDERED if sealed.contents == found.contents else Fault.ENTRY_ALTERED
