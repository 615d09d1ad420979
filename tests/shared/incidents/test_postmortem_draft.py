"""The draft of a postmortem: what others wrote stands in it literally, and what is not known is asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from shared.incidents.postmortem_draft import MAX_ALERTS, AlertFact, Entry, Facts, draft, literal

NINE = datetime(2026, 1, 2, 9, tzinfo=UTC)
FACTS = Facts(
    reference="INC-7",
    title="It is slow",
    severity="high",
    service="checkout",
    started_at=NINE - timedelta(seconds=90),
    detected_at=NINE,
    acknowledged_at=NINE + timedelta(seconds=61),
    mitigated_at=None,
    resolved_at=NINE + timedelta(hours=2, seconds=5),
    alert_count=1,
    alerts=[AlertFact(title="Slow", severity="high", starts_at=NINE, ends_at=None)],
    causes=[("The pool is full", 45)],
    confirmed="",
    timeline=[
        Entry(at=NINE, what="the incident opened", by="", move="", note=""),
        Entry(at=NINE, what="the incident changed", by="Ann", move="detected → resolved", note="rolled back"),
    ],
)


def test_times_count_from_detection() -> None:
    lines = draft(FACTS).splitlines()
    assert "| Began | 2026-01-02 08:58:30 |  |" in lines
    assert "| Detected | 2026-01-02 09:00:00 |  |" in lines
    assert "| Acknowledged (time to acknowledge) | 2026-01-02 09:01:01 | 1 min 1 s |" in lines
    assert "| Mitigated (time to mitigate) |  |  |" in lines
    assert "| Resolved (time to resolve) | 2026-01-02 11:00:05 | 2 h 5 s |" in lines


def test_people_s_moves_are_the_actions_taken() -> None:
    actions = draft(FACTS).partition("## Actions taken")[2].partition("##")[0]
    assert actions.strip().splitlines() == [
        "- 2026-01-02 09:00:00: the incident changed, detected → resolved, by Ann: rolled back"
    ]


def test_hypotheses_are_named_as_unconfirmed() -> None:
    cause = draft(FACTS).partition("## Root cause")[2].partition("##")[0]
    assert "No cause is confirmed." in cause
    assert "1. The pool is full (45 %)" in cause


def test_many_alerts_are_counted_and_not_all_listed() -> None:
    many = replace(FACTS, alerts=[FACTS.alerts[0]] * (MAX_ALERTS + 1), alert_count=1_000)
    assert f"- and {1_000 - MAX_ALERTS} more" in draft(many)


HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://tracker.example/p.png)",
    "**bold** _and_ ~~gone~~ `code`",
    "# heading",
    "- item",
    "+ item",
    "12) item",
    "1. item",
    "---",
    "===",
    "> quote",
    "&lt;script&gt;",
    "a | b | c",
    "<https://example.com>",
    "[a]: https://example.com",
    "```",
    "\\",
    "line\n# another\r\nthird",
]


def shown(markdown: str) -> str:
    """The text of the first item of the list that a reader sees, with no markup in it."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    kinds = [token.type for token in tokens]
    assert kinds == [
        "bullet_list_open", "list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close",
        "bullet_list_close",
    ]  # fmt: skip
    children = tokens[3].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    return "".join(child.content for child in children)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_others_wrote_becomes_markup(text: str) -> None:
    assert shown(f"- {literal(text)}") == " ".join(text.split())


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(lambda text: text.strip().isprintable()))
def test_any_text_reads_as_it_was_written(text: str) -> None:
    one_line = " ".join(text.split())
    if one_line:
        assert shown(f"- {literal(text)}") == one_line


def test_a_confirmed_cause_stands_alone() -> None:
    text = draft(replace(FACTS, confirmed="checkout runs out of *memory*"))
    assert "Confirmed: checkout runs out of " in text
    assert "*memory*" not in text.replace("\\*", "")
    assert "The pool is full" not in text
