"""Print the life of an incident as a Mermaid state diagram, made from the table that the code obeys.

README.md shows it: after a change of the table, paste the output of `python -m scripts.diagram` there.
"""

from typing import Final

from shared.incidents.lifecycle import TRANSITIONS, By, Rule, State

WHO: Final = {By.PEOPLE: "people", By.MACHINE: "machine", By.POSTMORTEM: "postmortem"}


def state_diagram() -> str:
    """Every move with whoever makes it; "people + note" have to say why."""
    last = sorted(set(State) - {source for source, _ in TRANSITIONS})
    return "\n".join(
        [
            "stateDiagram-v2",
            f"    [*] --> {State.DETECTED}",
            *(f"    {source} --> {target}: {_makers(rule)}" for (source, target), rule in TRANSITIONS.items()),
            *(f"    {state} --> [*]" for state in last),
        ]
    )


def _makers(rule: Rule) -> str:
    note = " + note" if rule.note else ""
    return " or ".join(name + (note if who is By.PEOPLE else "") for who, name in WHO.items() if who in rule.by)


if __name__ == "__main__":
    print(state_diagram())
