"""The shipped rules for services, sixty times faster: of hours and days a demonstration has minutes."""

import re
from typing import Final

FACTOR: Final = 60
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION: Final = re.compile(r"(\[|\b(?:for|interval): |\boffset )(\d+)([smhd])\b")
_HOUR: Final = re.compile(r"\b3600\b")  # how far ahead predict_linear looks, in seconds


def faster(rules: str) -> str:
    """The rules with every window, wait, interval and offset divided, to whole seconds and at least one."""
    return _HOUR.sub(str(3_600 // FACTOR), _DURATION.sub(_shortened, rules))


def _shortened(found: re.Match[str]) -> str:
    before, count, unit = found.groups()
    return f"{before}{max(1, int(count) * _SECONDS[unit] // FACTOR)}s"
