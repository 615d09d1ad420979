"""What tests measured, told at the end of the run: a figure that nobody reads may as well not be measured."""

from collections.abc import Callable, Iterator

import pytest

Figures = dict[str, float]
NAME = "figure"


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Iterator[Figures]:
    """Filled by a test with what it measured, each with its unit in its name."""
    found: Figures = {}
    yield found
    for name, value in found.items():
        record_property(NAME, f"{name}: {value:.3g}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    properties = [one for report in terminalreporter.getreports("") for one in report.user_properties]
    if lines := sorted(str(value) for name, value in properties if name == NAME):
        terminalreporter.section("measured")
        terminalreporter.write_line("\n".join(lines))
