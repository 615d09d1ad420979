"""Answers to reads, kept for a moment in Redis and never older than their reader's own last write.

Every project has a version, raised after each commit that changes something in it. An answer is kept under the version
that was read before it was made, so whoever writes and then reads finds no older answer. The lifetime bounds how long
an answer can outlive a write whose process died before it raised the version.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from shared.platform.cache import Cache


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one answer is kept."""

    key: str


class ResponseCache:
    """Answers by project, version and request."""

    def __init__(self, cache: Cache, seconds: int) -> None:
        self._cache = cache
        self._seconds = seconds
        self._raising: dict[UUID, asyncio.Task[None]] = {}
        self._uncertain: dict[UUID, float] = {}

    async def slot(self, project_id: UUID, request: str) -> Slot | None:
        """Return where the answer to a request (all that it depends on) is kept; None when nothing can be kept now."""
        if not self._seconds or self._uncertain.get(project_id, 0.0) > time.monotonic():
            return None
        version = await self._cache.add(_version_key(project_id), 0)
        if version is None:
            return None
        digest = hashlib.blake2b(request.encode(), digest_size=16).hexdigest()
        return Slot(f"answer:{project_id}:{version}:{digest}")

    async def find(self, slot: Slot) -> str | None:
        """Return the answer, if it is there."""
        return await self._cache.get(slot.key)

    async def keep(self, slot: Slot, answer: str) -> None:
        """Keep an answer for a while."""
        await self._cache.set(slot.key, answer, seconds=self._seconds)

    async def outdate(self, project_ids: Iterable[UUID]) -> None:
        """Say that something changed in these projects. Callers of the same moment share one command a project."""
        for project_id in project_ids:
            if project_id not in self._raising:
                self._raising[project_id] = asyncio.create_task(self._raise(project_id))
            await asyncio.shield(self._raising[project_id])

    async def _raise(self, project_id: UUID) -> None:
        del self._raising[project_id]  # whoever commits from here on needs a command of its own
        if await self._cache.add(_version_key(project_id), 1) is None:
            # What was kept before may outlive this change. So this process takes nothing from there until it is over,
            # and for the others the version is raised as soon as Redis answers.
            self._uncertain[project_id] = time.monotonic() + self._seconds
            if self._seconds:
                self._cache.add_later(_version_key(project_id), 1, believed=self._seconds)


def _version_key(project_id: UUID) -> str:
    return f"project:{project_id}:version"
