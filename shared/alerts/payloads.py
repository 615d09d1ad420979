"""Webhook bodies as their senders write them, turned into deliveries. Unknown keys are ignored.

Formats: AlertManager's webhook version 4 (`notify/webhook`), Grafana's unified alerting, which has the same shape with
more keys, the alerts that Prometheus itself posts to an AlertManager (`docs/alerts_api.md`), and one of our own for
everybody else.
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
    MAX_TRUNCATED,
    AlertStatus,
    Delivery,
    fingerprint_of,
)
from shared.kernel.errors import Malformed
from shared.platform.foreign import Moment, Rejected, Text, cut, fields, parse, read_each
from shared.platform.wire import no_nul


def _few(value: object) -> object:
    """Senders of our kind write null for an absent map. One that is too large is refused before its items are read."""
    if isinstance(value, dict) and len(value) > MAX_LABELS:
        raise ValueError(f"must have at most {MAX_LABELS} entries")
    return {} if value is None else value


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """Group labels that cannot be read group nothing; the alerts are good all the same."""
    try:
        return read(value)
    except ValidationError:
        return {}


def _countable(number: int) -> int:
    """A sender's own count is not worth an alert: one that no column holds is cut."""
    return min(number, MAX_TRUNCATED)


LabelName = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_NAME), AfterValidator(no_nul)]
LabelValue = Annotated[str, Field(max_length=MAX_LABEL_VALUE), AfterValidator(no_nul)]
Labels = Annotated[dict[LabelName, LabelValue], BeforeValidator(_few), Field(max_length=MAX_LABELS)]

Annotations = Annotated[dict[LabelName, Text], BeforeValidator(_few), Field(max_length=MAX_LABELS)]
Url = Annotated[Text, Field(max_length=8_192)]


class SentAlert(BaseModel):
    """One alert of any of the three senders."""

    model_config = ConfigDict(extra="ignore")

    status: AlertStatus | None = None
    labels: Annotated[Labels, Field(min_length=1)]
    annotations: Annotations = {}
    starts_at: Moment = Field(None, validation_alias=AliasChoices("startsAt", "starts_at"))
    ends_at: Moment = Field(None, validation_alias=AliasChoices("endsAt", "ends_at"))
    generator_url: Url = Field("", validation_alias=AliasChoices("generatorURL", "generator_url"))
    fingerprint: Annotated[Text, Field(max_length=64)] = ""
    # Grafana's own, beside the annotations.
    dashboard_url: Url = Field("", validation_alias="dashboardURL")
    panel_url: Url = Field("", validation_alias="panelURL")
    silence_url: Url = Field("", validation_alias="silenceURL")


class AlertIn(BaseModel):
    """An alert in our own format, for senders that speak no other.

    An alert is known again by `id`, or else by its `name`, `service`, `severity` and `labels`. `starts_at` may be left
    out: then it belongs to the alert that fires already, or begins now. A firing alert whose `ends_at` lies ahead is
    over then unless it is sent again; without one, send it again with `status` "resolved". Alerts with equal `group`
    share an incident; without it, those of one name and service do.
    """

    model_config = ConfigDict(extra="ignore")

    name: Annotated[LabelValue, Field(min_length=1, description="what kind of alert it is; label `alertname`")]
    status: AlertStatus = AlertStatus.FIRING
    id: Annotated[Text, Field(max_length=64, description="what the sender itself calls this alert")] = ""
    title: Annotated[Text, Field(max_length=1_024, description="one line for people; annotation `summary`")] = ""
    description: Text = ""
    severity: Annotated[LabelValue, Field(description="a word such as critical, p2 or warning")] = ""
    service: LabelValue = ""
    labels: Annotated[Labels, Field(max_length=MAX_LABELS - 3)] = {}
    annotations: Annotated[Annotations, Field(max_length=MAX_LABELS - 2)] = {}
    group: Labels = {}
    starts_at: Moment = None
    ends_at: Moment = None
    url: Url = ""


class Envelope(BaseModel):
    """What AlertManager and Grafana put around their alerts. The alerts themselves are read one by one."""

    model_config = ConfigDict(extra="ignore")

    alerts: list[Any]
    group_labels: Annotated[Labels, WrapValidator(_or_none)] = Field({}, validation_alias="groupLabels")
    truncated_alerts: Annotated[int, Field(ge=0), AfterValidator(_countable)] = Field(
        0, validation_alias="truncatedAlerts"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A webhook body, read: what to store, what to refuse, and how many alerts the sender says it left out."""

    deliveries: tuple[Delivery, ...]
    rejected: tuple[Rejected, ...]
    truncated: int = 0


# What Grafana links an alert to, which becomes annotations of these names.
_LINKS: Final = ("dashboard_url", "panel_url", "silence_url")
_ENVELOPE: Final = TypeAdapter(Envelope)
_ALERT: Final = TypeAdapter(SentAlert)
_OWN_ALERT: Final = TypeAdapter(AlertIn)


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


def read_alerts(body: bytes, now: datetime) -> Received:
    """Read alerts in our own format, one or a list of them. Raises `Malformed` when it is neither."""
    found = parse(body)
    if not isinstance(found, dict | list):
        problem = {"field": "", "message": "must be an object or a list"}
        raise Malformed("This is neither an alert nor a list of alerts.", errors=[problem])
    alerts = found if isinstance(found, list) else [found]
    deliveries, rejected = read_each(alerts, _OWN_ALERT, lambda alert: _own_delivery(alert, now))
    return Received(deliveries=deliveries, rejected=rejected)


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
    deliveries, rejected = read_each(alerts, _ALERT, lambda sent: _delivery(sent, group, status_of(sent, now), now))
    return Received(deliveries=deliveries, rejected=rejected, truncated=truncated)


def _own_delivery(alert: AlertIn, now: datetime) -> Delivery:
    named = {"alertname": alert.name, "service": alert.service, "severity": alert.severity}
    told = {"summary": alert.title, "description": alert.description}
    sent = SentAlert.model_construct(  # of values that are checked already
        labels={**alert.labels, **_given(named)},
        annotations={**alert.annotations, **_given(told)},
        starts_at=alert.starts_at,
        ends_at=alert.ends_at,
        generator_url=alert.url,
        fingerprint=alert.id,
    )
    return _delivery(sent, alert.group, alert.status, now)


def _given(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _delivery(sent: SentAlert, group: Mapping[str, str], status: AlertStatus, now: datetime) -> Delivery:
    told = {**_given({name: getattr(sent, name) for name in _LINKS}), **sent.annotations}
    annotations = {name: cut(text, MAX_ANNOTATION_BYTES) for name, text in told.items()}
    is_ahead = sent.ends_at is not None and sent.ends_at > now
    return Delivery(
        fingerprint=sent.fingerprint or fingerprint_of(sent.labels),
        starts_at=sent.starts_at,
        status=status,
        ends_at=sent.ends_at if status is AlertStatus.RESOLVED else None,
        labels=sent.labels,
        annotations=annotations,
        generator_url=sent.generator_url,
        group=group,
        cut=annotations != told,
        expires_at=sent.ends_at if status is AlertStatus.FIRING and is_ahead else None,
    )
