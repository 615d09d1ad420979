"""The dashboards as files: what the tables say, and what Grafana can lay out."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.dashboards.grafana import FOLDER, text_of
from scripts.dashboards.pages import PAGES
from tests.shipped_monitoring import DASHBOARDS

GRID = 24


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_file_is_what_its_table_says(name: str) -> None:
    assert (FOLDER / f"{name}.json").read_text() == text_of(PAGES[name]), "run .venv/bin/python -m scripts.dashboards"


def test_there_is_no_file_without_a_table() -> None:
    assert {path.stem for path in DASHBOARDS} == set(PAGES)


def test_dashboards_are_told_apart() -> None:
    found = [read(path) for path in DASHBOARDS]
    assert len({one["uid"] for one in found}) == len({one["title"] for one in found}) == len(found)


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_lie_beside_each_other_and_ask_the_chosen_source(path: Path) -> None:
    panels = read(path)["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= GRID
        assert not cells & taken
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["targets"]
