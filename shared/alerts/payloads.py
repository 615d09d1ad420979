"""Webhook bodies as their senders write them, turned into deliveries. Unknown keys are ignored.

Formats: AlertManager's webhook version 4 (`notify/webhook`), Grafana's unified alerting, which has the same shape with
more keys, and the alerts that Prometheus itself posts to an AlertManager (`docs/alerts_api.md`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
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

from shared.alerts.values import (
    MAX_ANNOTATION_BYTES,
    MAX_LABEL_NAME,
    MAX_LABEL_VALUE,
    MAX_LABELS,
    AlertStatus,
    Delivery,
    fingerprint_of,
)
from shared.kernel.errors import Malformed
from shared.platform.foreign import Moment, Rejected, Text, cut, fields, parse, read_each
from shared.platform.wire import no_nul


def _texts(value: object) -> object:
    """Labels are text; senders of our kind write null for an absent map."""
    return {} if value is None else value


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """Group labels that cannot be read group nothing; the alerts are good all the same."""
    try:
        return read(value)
    except ValidationError:
        return {}


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
        envelope = _ENVELOPE.validate_python(parse(body))
    except ValidationError as error:
        raise Malformed("This is not an alert notification.", errors=fields(error)) from None
    return _read(envelope.alerts, envelope.group_labels, envelope.truncated_alerts, now, _sent_status)


def read_prometheus(body: bytes, now: datetime) -> Received:
    """Read what Prometheus posts to an AlertManager: a bare list. Raises `Malformed` when it is no such thing."""
    alerts = parse(body)
    if not isinstance(alerts, list):
        raise Malformed("This is not a list of alerts.", errors=[{"field": "", "message": "must be a list"}])
    return _read(alerts, {}, 0, now, _status_by_end)


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
    taken, rejected = read_each(alerts, _ALERT)
    deliveries = tuple(_delivery(sent, group, status_of(sent, now)) for sent in taken)
    return Received(deliveries=deliveries, rejected=tuple(rejected), truncated=truncated)


def _delivery(sent: SentAlert, group: Mapping[str, str], status: AlertStatus) -> Delivery:
    annotations = {name: cut(text, MAX_ANNOTATION_BYTES) for name, text in sent.annotations.items()}
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
