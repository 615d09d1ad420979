from pathlib import Path

from scripts.diagram import state_diagram
from shared.incidents.lifecycle import TRANSITIONS

README = Path(__file__).parents[2] / "README.md"


def test_readme_shows_the_diagram_of_the_table() -> None:
    assert f"```mermaid\n{state_diagram()}\n```" in README.read_text()


def test_every_move_is_drawn_once() -> None:
    moves = [line.strip().partition(":")[0] for line in state_diagram().splitlines() if "[*]" not in line]
    assert sorted(moves[1:]) == sorted(f"{source} --> {target}" for source, target in TRANSITIONS)


def test_a_move_names_whoever_makes_it_and_asks_only_people_for_a_note() -> None:
    drawn = state_diagram()
    assert "detected --> acknowledged: people\n" in drawn
    assert "acknowledged --> mitigated: people + note or machine\n" in drawn
    assert "resolved --> learned: postmortem\n" in drawn


def test_the_life_begins_with_detection_and_ends_where_no_move_leads_on() -> None:
    lines = state_diagram().splitlines()
    assert lines[1].strip() == "[*] --> detected"
    assert lines[-1].strip() == "learned --> [*]"
