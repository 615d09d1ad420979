"""A notice as each kind of channel reads it. All text of a notice is untrusted: nothing in it may become markup."""

from typing import Any, Final

from shared.kernel.text import one_line
from shared.notifications.values import Notice, facts, headline

_MAX_TITLE: Final = 300
_MAX_FACT: Final = 500
_SLACK: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def slack(notice: Notice, link: str) -> dict[str, Any]:
    """Return the body for a Slack incoming webhook.

    Escaped as Slack asks for, a text can neither mention anybody nor hide where a link leads; `verbatim` keeps Slack
    from making links of what looks like one.
    """
    title, said = _mrkdwn(_titled(notice), _MAX_TITLE), _mrkdwn(headline(notice), _MAX_TITLE)
    lines = [said, f"*<{link}|{title}>*" if link else f"*{title}*"]
    blocks: list[dict[str, Any]] = [{"type": "section", "text": _slack_text("\n".join(lines))}]
    if found := [_slack_text(f"*{label}*\n{_mrkdwn(text, _MAX_FACT)}") for label, text in facts(notice)]:
        blocks.append({"type": "section", "fields": found})
    return {"text": f"{said}: {title}", "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def teams(notice: Notice, link: str) -> dict[str, Any]:
    """Return the body for a Teams Workflows webhook: an Adaptive Card.

    Text blocks and facts of a card are read as Markdown; the runs of a rich text block are not.
    """
    body = [
        _rich(headline(notice), weight="Bolder"),
        _rich(_titled(notice), size="Large"),
        *(_rich(f"{label}: {_line(text, _MAX_FACT)}") for label, text in facts(notice)),
    ]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the incident", "url": link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def email(notice: Notice, link: str) -> tuple[str, str]:
    """Return subject and plain text of an e-mail."""
    lines = [headline(notice), "", _titled(notice), ""]
    lines += [f"{label}: {_line(text, _MAX_FACT)}" for label, text in facts(notice)]
    if link:
        lines += ["", link]
    return f"[SRE Copilot] {headline(notice)}: {_titled(notice)}", "\n".join(lines) + "\n"


def webhook(notice: Notice, link: str) -> dict[str, Any]:
    """Return the body of a signed webhook, in the shape that Standard Webhooks recommends."""
    incident = {
        "id": notice.incident_id,
        "reference": notice.reference,
        "title": notice.title,
        "severity": notice.severity,
        "state": notice.state,
        "service": notice.service,
        "url": link or None,
    }
    data: dict[str, Any] = {"incident": incident if notice.incident_id else None, "summary": headline(notice)}
    data["changes"] = {name: {"from": pair[0], "to": pair[-1]} for name, pair in notice.changes.items()}
    data["hypotheses"] = [{"claim": claim, "confidence_percent": percent} for claim, percent in notice.causes]
    data["budget"] = dict(notice.budget) or None
    return {"type": notice.type, "timestamp": notice.at, "data": data}


def _titled(notice: Notice) -> str:
    return _line(f"{notice.reference} {notice.title}", _MAX_TITLE)


def _line(text: str, most: int) -> str:
    """Return a text as one line, cut where it is too long."""
    line = one_line(text)
    return line if len(line) <= most else line[: most - 1] + "…"


def _mrkdwn(text: str, most: int) -> str:
    return _line(text, most).translate(_SLACK)


def _slack_text(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _rich(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}
