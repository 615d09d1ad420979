"""What is said of a component that is well, and what in a description is no observation at all."""

import re
from typing import Final

from shared.hypotheses.knowledge.wording import wording
from shared.hypotheses.values import CauseCode as C

_CONFIGURATION: Final = re.compile(
    r"^-?\s*(tolerations?\b|node-?selectors?\b|(liveness|readiness|startup)(probe)?:|annotations?:|labels?:|selector:"
    r"|qos class|requests:|limits:|env(ironment)?:|mounts:|image( id)?:|ports?:|host port|pod template|strategy"
    r"|key:|image ?pull ?policy|command:|args:|[\w.\"'{}]*last-applied-configuration|uid:|resourceversion:"
    r"|creationtimestamp:|\{\"apiversion\")"
    r"|op=exists|:no(execute|schedule)\b",
    re.IGNORECASE,
)
_QUIET: Final = re.compile(
    r"\b(info|debug|trace|notice)\b|^(\S+\s+)?normal\b|\bnormal\s{1,3}(scheduled|pull|creat|start)", re.IGNORECASE
)
_LOUD: Final = re.compile(
    r"error|warn|fail|fatal|crit|panic|exception|refused|denied|forbidden|exceed|unable|cannot|could not|kill|recover"
    r"|restored|successful|completed|no further|returned to|not ready|unavailable|timed? ?out",
    re.IGNORECASE,
)

_OK: Final = re.compile(r"\bis ok\b|\bready=true\b|: (\d+)/\1 ready\b|\bstatus[:=]? ?(ok|healthy|up)\b", re.IGNORECASE)
_GONE: Final = re.compile(r"deletion_?timestamp[=:]? ?\"?\d|\bstatus: +terminating\b", re.IGNORECASE)

_LEFT: Final = re.compile(
    r"(?P<left>\d{1,12}(\.\d{1,6})?) ?(?P<unit>[kmgtp]?i?b)? (remaining|free|available|left) (of|out of) "
    r"(?P<whole>\d{1,12}(\.\d{1,6})?) ?(?P=unit)?",
    re.IGNORECASE,
)

PLENTY: Final = 0.3
"""With more than this share left, a warning that something runs low is a first one."""

STATES: Final = (
    wording(
        "ready",
        r"phase running~.*ready true|\b(\d+)( of)? \1 ready|ready true(?! unknown)|all \d+ replicas ready"
        r"|rollout~completed"
        r"|instance~is available|is ok\b|state ok\b",
        "The component is up and answers its checks.",
        {C.NONE: 0.5},
    ),
    wording(
        "came-back",
        r"recovered|back to normal|returned to (normal|ready)|heartbeat restored|self (healed|resolved)"
        r"|rollback~(success\w*|completed?)|restored to revision|no further (restarts|errors|failures)"
        r"|autoscaling completed|(successfully|already) (assigned|resolved|recovered)|retried successfully"
        r"|scaled to 0",
        "It is over: what was wrong has come back by itself or was undone.",
        {C.NONE: 0.7},
    ),
    wording(
        "routine",
        r"scheduled (health )?check|routine (check|verification|maintenance)|for information only|planned maintenance"
        r"|automatic backup~completed|heartbeat ok",
        "Something routine, no sign of harm.",
        {C.NONE: 0.75},
    ),
)


def is_about_configuration(line: str) -> bool:
    """Whether a line of a description says how something is set up, and not how it is."""
    return bool(_CONFIGURATION.search(line))


def is_quiet(line: str) -> bool:
    """Whether a log line or event calls itself unimportant and says nothing that belies it."""
    return _has_plenty(line) or (bool(_QUIET.search(line)) and not _LOUD.search(line))


def _has_plenty(line: str) -> bool:
    left = _LEFT.search(line)
    return left is not None and float(left["left"]) > PLENTY * float(left["whole"])


def says_ok(title: str) -> bool:
    """Whether a state's title calls it good; its text then says what would be bad."""
    return bool(_OK.search(title))


def says_over(text: str) -> bool:
    """Whether a thing is being removed, so that its troubles are no one's."""
    return bool(_GONE.search(text))
