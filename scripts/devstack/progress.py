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
    def step(self, title: str) -> Iterator[None]:
        """Reports the body's end, or its failure."""
        since = time.monotonic()
        self.pending(title)
        try:
            yield
        except BaseException:
            self._finish(self.paint(RED, "✗"), title, since)
            raise
        self.done(title, since)

    def pending(self, text: str) -> None:
        """Shows what is awaited, in a terminal only, until the next line."""
        if self._live:
            self._write(f"{ERASE_LINE}  {self.paint(DIM, f'… {text}')}")

    def done(self, title: str, since: float) -> None:
        """Reports a step's end; `since` is a monotonic time."""
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
