"""A line per step with its time; in colour where a terminal reads it."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

GREEN, RED, DIM, BOLD, RESET = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
ERASE_LINE = "\r\x1b[K"


class Progress:
    """Where a run tells people how far it is."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._colours = (self._live or "FORCE_COLOR" in os.environ) and "NO_COLOR" not in os.environ

    @contextmanager
    def step(self, title: str, *, since: float | None = None) -> Iterator[None]:
        """Reports the body's end, or its failure; `since` is a monotonic time for work begun before."""
        since = time.monotonic() if since is None else since
        if self._live:
            self._write(f"  {self.paint(DIM, f'… {title}')}")
        try:
            yield
        except BaseException:
            self._finish(self.paint(RED, "✗"), title, since)
            raise
        self._finish(self.paint(GREEN, "✓"), title, since)

    def say(self, text: str = "") -> None:
        self._write(f"{text}\n")

    def complain(self, text: str) -> None:
        self.say(f"\n{self.paint(RED, 'error:')} {text}")

    def paint(self, colour: str, text: str) -> str:
        return f"{colour}{text}{RESET}" if self._colours else text

    def _finish(self, mark: str, title: str, since: float) -> None:
        time_taken = self.paint(DIM, f"{time.monotonic() - since:6.1f} s")
        self._write(f"{ERASE_LINE if self._live else ''}  {mark} {title:<28}{time_taken}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
