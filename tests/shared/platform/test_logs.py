import json
import logging

from hypothesis import given
from hypothesis import strategies as st

from shared.platform.logs import JsonLines

TRACE = "0af7651916cd43dd8448eb211c80319c"


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("a.logger", logging.WARNING, __file__, 1, message, args, None)
    made.__dict__.update(extra)
    return made


@given(message=st.text(), argument=st.text(), logger=st.text())
def test_a_message_is_one_line_whatever_it_holds(message: str, argument: str, logger: str) -> None:
    made = record("%s: %s", message, argument)
    made.name = logger
    line = JsonLines().format(made)
    assert len(line.splitlines()) == 1
    line.encode()
    read = json.loads(line)
    assert (read["message"], read["logger"]) == (f"{message}: {argument}", logger)


def test_a_line_says_its_level_its_trace_and_its_time_in_utc() -> None:
    read = json.loads(JsonLines().format(record("hello", trace_id=TRACE, created=1_772_366_400.5)))
    assert (read["level"], read["trace_id"], read["time"]) == ("WARNING", TRACE, "2026-03-01T12:00:00.500+00:00")


def test_an_exception_is_logged_inside_its_line() -> None:
    try:
        int("first\nsecond")
    except ValueError as error:
        line = JsonLines().format(record("it failed", exc_info=(type(error), error, error.__traceback__)))
    assert len(line.splitlines()) == 1
    assert "Traceback" in json.loads(line)["exception"]
    assert "ValueError: invalid literal" in json.loads(line)["exception"]
