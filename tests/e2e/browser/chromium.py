"""A Chromium to drive: named by SRE_CHROMIUM, or found on PATH."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As root it has no sandbox; the rest keeps it from talking to anybody but us.
WORDS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


def find_chromium() -> str | None:
    """The path of a Chromium; None where there is none."""
    return os.environ.get("SRE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
