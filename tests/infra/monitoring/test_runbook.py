"""Every alert leads to a section of the runbook, which says what it means, where to look and what to do."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.shipped_monitoring import alerts

ROOT: Final = Path(__file__).parents[3]
SECTIONS: Final = dict(
    re.findall(r"^### (.+)\n\n((?:(?!^#).*\n)+)", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
)


def anchor(title: str) -> str:
    """What GitHub makes of a heading."""
    return re.sub(r"[^\w-]", "", title.lower().replace(" ", "-"))


BY_ANCHOR: Final = {anchor(title): text for title, text in SECTIONS.items()}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_says_what_to_do(alert: dict[str, Any]) -> None:
    _, _, place = alert["annotations"]["runbook_url"].partition("#")
    text = BY_ANCHOR[place]
    assert re.findall(r"^\*\*(\w+)\*\*:", text, re.MULTILINE) == ["Means", "Look", "Do"]


def test_no_section_is_about_an_alert_that_is_gone() -> None:
    known = {alert["annotations"]["runbook_url"].partition("#")[2] for alert in alerts()}
    told = {place for place, text in BY_ANCHOR.items() if "**Means**" in text}
    assert told == known
