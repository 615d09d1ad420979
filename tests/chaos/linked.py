"""A runtime whose connections to PostgreSQL can be cut, at COMMIT or altogether."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from pydantic import SecretStr

from functions.subscriptions import ROUTES
from scripts.proof.chaos.links import Link, Snare, linked
from scripts.proof.functions import QuietRelay
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from tests.fixtures import StoppedClock


class Count:
    """Loses half of some COMMITs: of those that it is told by their number, the first one being 1."""

    def __init__(self, link: Link, snare: Snare) -> None:
        self.commits = 0
        self._link = link
        self._snare = snare
        self._cut: range = range(0)
        link.on_commit = self._pass

    def cut(self, numbers: range) -> None:
        self.commits, self._cut = 0, numbers

    def _pass(self) -> None:
        self.commits += 1
        if self.commits in self._cut:
            self._link.snare = self._snare


@asynccontextmanager
async def linked_runtime(settings: Settings, clock: StoppedClock) -> AsyncIterator[tuple[Runtime, Link]]:
    """Start a runtime that reaches PostgreSQL through a link."""
    port = urlsplit(settings.database_url.get_secret_value()).port or 5432
    async with linked(port) as link:

        def through(url: SecretStr) -> SecretStr:
            return SecretStr(url.get_secret_value().replace(f":{port}/", f":{link.port}/"))

        urls = {name: through(getattr(settings, name)) for name in ("database_url", "system_database_url")}
        built = Runtime.start(settings.model_copy(update=urls), ROUTES, clock=clock)
        relay = QuietRelay(built.database, built.queues, built.realtime, built.responses, ROUTES)
        try:
            yield replace(built, relay=relay), link
        finally:
            await built.close()
