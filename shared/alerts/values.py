"""Alerts as values: what a sender delivered, and the episode that deliveries add up to."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.kernel.canonical import canonical

MAX_LABELS: Final = 64
MAX_LABEL_NAME: Final = 128
MAX_LABEL_VALUE: Final = 1_024
MAX_ANNOTATION_BYTES: Final = 8 * 1_024
MAX_TITLE: Final = 300
MAX_TRUNCATED: Final = 1_000_000
MAX_SERVICE: Final = 200  # characters: a label's value may be longer than what an index takes


class AlertStatus(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How bad it is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


SEVERITY_WORDS: Final[Mapping[str, Severity]] = {
    **dict.fromkeys(
        ("critical", "crit", "page", "p1", "sev1", "sev0", "p0", "disaster", "fatal", "emergency", "1"),
        Severity.CRITICAL,
    ),
    **dict.fromkeys(("high", "error", "major", "p2", "sev2", "severe", "2"), Severity.HIGH),
    **dict.fromkeys(("medium", "warning", "warn", "average", "moderate", "p3", "sev3", "3"), Severity.MEDIUM),
    **dict.fromkeys(("low", "minor", "ticket", "p4", "sev4", "4"), Severity.LOW),
    **dict.fromkeys(("info", "informational", "information", "notice", "none", "debug", "p5", "5"), Severity.INFO),
}
SEVERITY_LABELS: Final = ("severity", "priority", "level")
SERVICE_LABELS: Final = ("service", "app", "job", "deployment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert as one sender said it once, in one status. `ends_at` is known only once it is resolved, if then.

    `starts_at` is None where the sender does not say: then it means the episode that is open, or a new one. `group`
    holds the sender's own group labels; empty where the sender does not group. `expires_at` is until when a firing
    alert counts as firing if nobody repeats it; None where only its sender ends it.
    """

    fingerprint: str
    starts_at: datetime | None
    status: AlertStatus
    ends_at: datetime | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str = ""
    group: Mapping[str, str]
    cut: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a delivery says about its alert, apart from when and in which status."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str
    group: Mapping[str, str]
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What all deliveries of one (fingerprint, start) add up to, in any order and any number.

    `fired` and `resolved` only ever become true, `ends_at` and `expires_at` only grow. Of differing contents the one
    with the greater hash stays: senders give no order for them, and every order of arrival must end alike. So the hash
    begins with how whole the content is, and what the queue had to cut gives way to the whole.
    """

    fingerprint: str
    starts_at: datetime
    fired: bool
    resolved: bool
    ends_at: datetime | None
    expires_at: datetime | None
    content: Content
    content_hash: str


def severity_of(
    labels: Mapping[str, str], names: Iterable[str] = SEVERITY_LABELS, words: Mapping[str, Severity] | None = None
) -> Severity:
    """Return the severity that the labels `names` say; medium where they say none we know.

    `words` are a project's own, in lower case, which count before those that everybody knows.
    """
    own = words or {}
    for name in names:
        word = labels.get(name, "").strip().lower()
        if found := own.get(word) or SEVERITY_WORDS.get(word):
            return found
    return Severity.MEDIUM


def service_of(labels: Mapping[str, str], names: Iterable[str] = SERVICE_LABELS) -> str:
    """Return the service that the labels `names` say, the first that says one, or an empty string; cut if too long."""
    return next((labels[name][:MAX_SERVICE] for name in names if labels.get(name)), "")


def title_of(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    """Return the alert in one line: its summary, or else its name."""
    text = annotations.get("summary") or annotations.get("title") or labels.get("alertname") or "Unnamed alert"
    return " ".join(text.split())[:MAX_TITLE]


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Return AlertManager's own fingerprint of a label set: FNV-1a 64 as 16 hex digits.

    Source: prometheus/common `model.LabelSet.Fingerprint`: name, 0xff, value, 0xff for each label in order of name.
    """
    total = 0xCBF29CE484222325
    for name in sorted(labels):
        for byte in b"%b\xff%b\xff" % (name.encode(), labels[name].encode()):
            total = ((total ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{total:016x}"


def episode_of(delivery: Delivery, starts_at: datetime) -> Episode:
    """Return the episode that began at `starts_at` as this single delivery knows it."""
    content = Content(
        labels=delivery.labels,
        annotations=delivery.annotations,
        generator_url=delivery.generator_url,
        group=delivery.group,
        cut=delivery.cut,
    )
    resolved = delivery.status is AlertStatus.RESOLVED
    return Episode(
        fingerprint=delivery.fingerprint,
        starts_at=starts_at,
        fired=not resolved,
        resolved=resolved,
        ends_at=delivery.ends_at if resolved else None,
        expires_at=None if resolved else delivery.expires_at,
        content=content,
        content_hash=_hash_of(content),
    )


def _hash_of(content: Content) -> str:
    """Return a digest of all that a content says, after a digit: 2 for a whole one, 1 for one that was cut, 0 for one
    that lost its annotations.

    By hand, for `asdict` copies every label of every alert.
    """
    said = {
        "labels": dict(content.labels),
        "annotations": dict(content.annotations),
        "generator_url": content.generator_url,
        "group": dict(content.group),
        "cut": content.cut,
    }
    wholeness = 2 if not content.cut else 1 if content.annotations else 0
    return f"{wholeness}{hashlib.blake2b(canonical(said).encode(), digest_size=16).hexdigest()}"


def join(one: Episode, other: Episode) -> Episode:
    """Return what both know together: commutative, associative and idempotent."""
    content = max(one, other, key=lambda episode: episode.content_hash)
    return replace(
        content,
        fired=one.fired or other.fired,
        resolved=one.resolved or other.resolved,
        ends_at=_later(one.ends_at, other.ends_at),
        expires_at=_later(one.expires_at, other.expires_at),
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at), default=None)


def episodes_of(deliveries: Iterable[Delivery], open_since: Mapping[str, datetime], now: datetime) -> list[Episode]:
    """Return the episodes that the deliveries add up to, by identity: rows are always locked in one order.

    `open_since` tells, by fingerprint, when an open episode began; a delivery that does not say belongs to it.
    """
    found: dict[tuple[str, datetime], Episode] = {}
    for delivery in deliveries:
        starts_at = delivery.starts_at or open_since.get(delivery.fingerprint) or delivery.ends_at or now
        episode = episode_of(delivery, starts_at)
        key = (episode.fingerprint, episode.starts_at)
        known = found.get(key)
        found[key] = join(known, episode) if known else episode
    return [found[key] for key in sorted(found)]
