"""A notice in the form of each channel: what others wrote stays text."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.notifications.formats import email, slack, teams, webhook
from shared.notifications.values import Notice, Topic

LINK = "https://sre.example.com/incidents/1"
NOTICE = Notice(
    type=Topic.HYPOTHESIS_GENERATED,
    at="2026-01-02T09:00:00+00:00",
    title="It is slow",
    incident_id="1",
    reference="INC-7",
    severity="high",
    state="detected",
    service="checkout",
    causes=(("The pool is full", 45), ("A bad release", 12)),
)
HOSTILE = [
    "<!channel> <!here> <@U123> <#C123>",
    "<https://evil.example|https://bank.example>",
    "&lt;!channel&gt;",
    "<script>alert(1)</script>",
    "[pay](https://evil.example) **now** <at>Ann</at>",
    "a\nBcc: everybody@example.com\r\nSubject: b",
    "\u202egnp.exe \u0000 \u2028",
    "x" * 5_000,
    '"}, {"type": "image"',
    "|".join("abc"),
]


def hostile(text: str) -> Notice:
    return replace(NOTICE, title=text, service=text, causes=((text, 45),))


def texts(node: Any, key: str) -> Iterator[str]:
    """Every value of a key, however deep."""
    if isinstance(node, dict):
        if isinstance(node.get(key), str):
            yield node[key]
        for value in node.values():
            yield from texts(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value, key)


@pytest.mark.parametrize("text", HOSTILE)
def test_in_slack_nothing_but_our_own_link_is_markup(text: str) -> None:
    message = slack(hostile(text), LINK)
    for said in texts(message, "text"):
        rest = said.removeprefix("Root-cause hypotheses are ready\n").replace(f"<{LINK}|", "", 1)
        controls = re.findall(r"<[^>]*", rest)
        assert controls == []
        assert not re.search(r"&(?!amp;|lt;|gt;)", said)
        assert len(said) < 3_000
    assert all(block["text"]["verbatim"] for block in message["blocks"] if "text" in block)
    assert message["unfurl_links"] is False


@pytest.mark.parametrize("text", HOSTILE)
def test_in_teams_what_others_wrote_is_in_runs_that_know_no_markdown(text: str) -> None:
    [attachment] = teams(hostile(text), LINK)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open the incident", "url": LINK}]
    assert len(json.dumps(card)) < 28_000  # Teams takes no larger message


@pytest.mark.parametrize("text", HOSTILE)
def test_an_e_mail_s_subject_is_one_line_and_its_text_is_plain(text: str) -> None:
    subject, body = email(hostile(text), LINK)
    assert subject.isprintable()
    assert len(body.splitlines()) == 10
    assert body.splitlines()[-1] == LINK


@pytest.mark.parametrize("text", HOSTILE)
def test_a_webhook_says_it_as_it_is(text: str) -> None:
    said = json.loads(json.dumps(webhook(hostile(text), LINK)))
    assert said["data"]["incident"]["title"] == text
    assert said["data"]["hypotheses"] == [{"claim": text, "confidence_percent": 45}]


def test_a_webhook_has_type_timestamp_and_data() -> None:
    changed = replace(NOTICE, type=Topic.INCIDENT_UPDATED, changes={"state": ("detected", "resolved")}, causes=())
    assert webhook(changed, LINK) == {
        "type": "incident.updated",
        "timestamp": "2026-01-02T09:00:00+00:00",
        "data": {
            "summary": "Incident: state detected → resolved",
            "incident": {
                "id": "1",
                "reference": "INC-7",
                "title": "It is slow",
                "severity": "high",
                "state": "detected",
                "service": "checkout",
                "url": LINK,
            },
            "changes": {"state": {"from": "detected", "to": "resolved"}},
            "hypotheses": [],
            "budget": None,
        },
    }


def test_without_an_address_of_the_app_there_is_no_link() -> None:
    assert "actions" not in teams(NOTICE, "")["attachments"][0]["content"]
    assert "|" not in json.dumps(slack(NOTICE, ""))
    assert webhook(NOTICE, "")["data"]["incident"]["url"] is None
