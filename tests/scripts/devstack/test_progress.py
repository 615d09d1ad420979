import io

import pytest

from scripts.devstack.progress import Progress


def test_a_step_is_one_plain_line_where_no_terminal_reads_it() -> None:
    screen = io.StringIO()

    with Progress(screen).step("PostgreSQL"):
        pass

    assert screen.getvalue() == "  ✓ PostgreSQL                     0.0 s\n"


def test_a_failed_step_is_marked_and_its_error_goes_on() -> None:
    screen = io.StringIO()

    with pytest.raises(OSError, match="no disk"), Progress(screen).step("PostgreSQL"):
        raise OSError("no disk")

    assert screen.getvalue().startswith("  ✗ PostgreSQL")
