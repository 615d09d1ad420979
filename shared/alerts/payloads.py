"""Webhook bodies as their senders write them, turned into deliveries. Unknown keys are ignored.

Formats: AlertManager's webhook version 4 (`notify/webhook`), Grafana's unified alerting, which has the same shape with
more keys, and the alerts that Prometheus itself posts to an AlertManager (`docs/alerts_api.md`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import from_json

from shared.alerts.values import (
    MAX_ANNOTATION_BYTES,
    MAX_LABEL_NAME,
    MAX_LABEL_VALUE,
    MAX_LABELS,
    MAX_NESTING,
    AlertStatus,
    Delivery,
    Rejected,
    canonical,
    fingerprint_of,
)
from shared.kernel.errors import Malformed
from shared.platform.wire import no_nul

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_MAX_REJECTED_TEXT: Final = 4_096
_MAX_REASON: Final = 1_000
_CUT_MARK: Final = "… [cut]"


def _absent_time(value: object) -> object:
    """AlertManager and Grafana write year 1 for "not yet"."""
    return None if value == "" or (isinstance(value, str) and value.startswith("0001-01-01")) else value


def _in_range(at: datetime | None) -> datetime | None:
    if at is not None and not _EARLIEST <= at < _LATEST:
        raise ValueError("must lie between the years 2000 and 2100")
    return at.astimezone(UTC) if at is not None else None


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _texts(value: object) -> object:
    """Labels are text; senders of our kind write null for an absent map."""
    return {} if value is None else value


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """Group labels that cannot be read group nothing; the alerts are good all the same."""
    try:
        return read(value)
    except ValidationError:
        return {}


Text = Annotated[str, AfterValidator(no_nul)]
Moment = Annotated[datetime | None, BeforeValidator(_absent_time), AfterValidator(_aware), AfterValidator(_in_range)]
LabelName = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_NAME), AfterValidator(no_nul)]
LabelValue = Annotated[str, Field(max_length=MAX_LABEL_VALUE), AfterValidator(no_nul)]
Labels = Annotated[dict[LabelName, LabelValue], BeforeValidator(_texts), Field(max_length=MAX_LABELS)]


class SentAlert(BaseModel):
    """One alert of any of the three senders."""

    model_config = ConfigDict(extra="ignore")

    status: AlertStatus | None = None
    labels: Annotated[Labels, Field(min_length=1)]
    annotations: Annotated[dict[LabelName, Text], BeforeValidator(_texts), Field(max_length=MAX_LABELS)] = {}
    starts_at: Moment = Field(None, validation_alias=AliasChoices("startsAt", "starts_at"))
    ends_at: Moment = Field(None, validation_alias=AliasChoices("endsAt", "ends_at"))
    generator_url: Annotated[Text, Field(max_length=8_192)] = Field(
        "", validation_alias=AliasChoices("generatorURL", "generator_url")
    )
    fingerprint: Annotated[Text, Field(max_length=64)] = ""


class Envelope(BaseModel):
    """What AlertManager and Grafana put around their alerts. The alerts themselves are read one by one."""

    model_config = ConfigDict(extra="ignore")

    alerts: list[Any]
    group_labels: Annotated[Labels, WrapValidator(_or_none)] = Field({}, validation_alias="groupLabels")
    truncated_alerts: Annotated[int, Field(ge=0)] = Field(0, validation_alias="truncatedAlerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A webhook body, read: what to store, what to refuse, and how many alerts the sender says it left out."""

    deliveries: tuple[Delivery, ...]
    rejected: tuple[Rejected, ...]
    truncated: int = 0


_ENVELOPE: Final = TypeAdapter(Envelope)
_ALERT: Final = TypeAdapter(SentAlert)


def read_alertmanager(body: bytes, now: datetime) -> Received:
    """Read an AlertManager or Grafana notification. Raises `Malformed` when it is no such thing."""
    try:
        envelope = _ENVELOPE.validate_python(_parse(body))
    except ValidationError as error:
        raise Malformed("This is not an alert notification.", errors=fields(error)) from None
    return _read(envelope.alerts, envelope.group_labels, envelope.truncated_alerts, now, _sent_status)


def read_prometheus(body: bytes, now: datetime) -> Received:
    """Read what Prometheus posts to an AlertManager: a bare list. Raises `Malformed` when it is no such thing."""
    alerts = _parse(body)
    if not isinstance(alerts, list):
        raise Malformed("This is not a list of alerts.", errors=[{"field": "", "message": "must be a list"}])
    return _read(alerts, {}, 0, now, _status_by_end)


def fields(error: ValidationError) -> list[dict[str, str]]:
    """Return what is wrong, field by field, without the values."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [{"field": ".".join(str(part) for part in e["loc"]), "message": e["msg"]} for e in found]


def _parse(body: bytes) -> Any:
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"The body is not JSON: {error}.") from None
    if _is_too_deep(found):
        raise Malformed(f"The body is nested deeper than {MAX_NESTING} levels.")
    return found


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_NESTING):
        level = [
            child
            for one in level
            for child in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
        if not level:
            return False
    return True


def _sent_status(sent: SentAlert, _now: datetime) -> AlertStatus:
    """Each alert's own status counts, never the envelope's."""
    return sent.status or AlertStatus.FIRING


def _status_by_end(sent: SentAlert, now: datetime) -> AlertStatus:
    """Prometheus sends no status: an alert fires while its end is absent or ahead."""
    return AlertStatus.FIRING if sent.ends_at is None or sent.ends_at > now else AlertStatus.RESOLVED


def _read(
    alerts: list[Any],
    group: Mapping[str, str],
    truncated: int,
    now: datetime,
    status_of: Callable[[SentAlert, datetime], AlertStatus],
) -> Received:
    deliveries: list[Delivery] = []
    rejected: list[Rejected] = []
    for alert in alerts:
        try:
            sent = _ALERT.validate_python(alert)
        except ValidationError as error:
            reasons = "; ".join(f"{e['field']}: {e['message']}" for e in fields(error)[:5])
            rejected.append(Rejected(reason=_storable(reasons, _MAX_REASON), content=_shown(alert)))
            continue
        deliveries.append(_delivery(sent, group, status_of(sent, now)))
    return Received(deliveries=tuple(deliveries), rejected=tuple(rejected), truncated=truncated)


def _delivery(sent: SentAlert, group: Mapping[str, str], status: AlertStatus) -> Delivery:
    annotations = {name: _cut(text) for name, text in sent.annotations.items()}
    return Delivery(
        fingerprint=sent.fingerprint or fingerprint_of(sent.labels),
        starts_at=sent.starts_at,
        status=status,
        ends_at=sent.ends_at if status is AlertStatus.RESOLVED else None,
        labels=sent.labels,
        annotations=annotations,
        generator_url=sent.generator_url,
        group=group,
        cut=annotations != sent.annotations,
    )


def _cut(text: str) -> str:
    raw = text.encode()
    if len(raw) <= MAX_ANNOTATION_BYTES:
        return text
    return raw[: MAX_ANNOTATION_BYTES - len(_CUT_MARK.encode())].decode(errors="ignore") + _CUT_MARK


def _shown(alert: object) -> str:
    return _storable(canonical(alert) if isinstance(alert, dict) else repr(alert))


def _storable(text: str, limit: int = _MAX_REJECTED_TEXT) -> str:
    """Text of a refused alert as the database holds it, names of its fields included: no NUL, no endless value."""
    return text.replace("\x00", "�").replace("\\u0000", "�")[:limit]
