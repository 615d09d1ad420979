"""Policies, groupings and previews on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from shared.access.tables import ProjectRow
from shared.alerts.grouping import Grouping
from shared.alerts.policies import AutoResolve, GroupBy, Policy, Related, policy_of, stated
from shared.alerts.replay import MAX_REPLAYED, Comparison, Group, Regrouped, Replayed, Trial
from shared.alerts.values import MAX_LABEL_NAME, Severity
from shared.platform.wire import Line, Time, Wire, clash

_DAY = 24 * 3_600
_WEEK = 7 * _DAY


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("must not name anything twice")
    return names


def _lower(word: str) -> str:
    return word.lower()


Seconds = Annotated[int, Field(ge=0, le=_WEEK)]
LabelName = Annotated[Line, Field(min_length=1, max_length=MAX_LABEL_NAME)]
LabelNames = Annotated[list[LabelName], Field(max_length=16), AfterValidator(_distinct)]
SomeLabelNames = Annotated[LabelNames, Field(min_length=1)]
Word = Annotated[Line, Field(min_length=1, max_length=64), AfterValidator(_lower)]
SeverityMap = Annotated[dict[Word, Severity], Field(max_length=100)]


class ThresholdPolicy(Wire):
    """`count` alerts that fire within `window` seconds open an incident."""

    count: Annotated[int, Field(ge=1, le=1_000)] = 1
    window: Annotated[int, Field(ge=1, le=_DAY)] = 300


class GroupingPolicy(Wire):
    """What alerts share an incident by: the sender's `group`, the values of `labels`, or their `fingerprint`."""

    by: GroupBy
    labels: LabelNames = Field(default_factory=list)

    @model_validator(mode="after")
    def _labels_where_they_count(self) -> Self:
        if bool(self.labels) is not (self.by is GroupBy.LABELS):
            raise clash("labels are needed by `labels`, and by nothing else", "by", "labels")
        return self


class PoliciesPatch(Wire):
    """What is absent stays as it is; null is the default again. Durations are in seconds.

    `severity_map` says what words in `severity_labels` mean, where that is not what they mean everywhere. The first of
    `service_labels` that an alert has is its service.
    """

    auto_resolve: AutoResolve | None = None
    quiet_period: Seconds | None = None
    reopen_window: Seconds | None = None
    related: Related | None = None
    threshold: ThresholdPolicy | None = None
    grouping: GroupingPolicy | None = None
    auto_analyse: bool | None = None
    severity_map: SeverityMap | None = None
    severity_labels: SomeLabelNames | None = None
    service_labels: SomeLabelNames | None = None

    def over(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return what to store once this is said over what is stored already."""
        said = {**stored, **self.model_dump(mode="json", include=self.model_fields_set)}
        return {name: value for name, value in said.items() if value is not None}


class PolicyValues(Wire):
    """All policies; durations in seconds."""

    auto_resolve: AutoResolve
    quiet_period: int
    reopen_window: int
    related: Related
    threshold: ThresholdPolicy
    grouping: GroupingPolicy
    auto_analyse: bool
    severity_map: dict[str, Severity]
    severity_labels: list[str]
    service_labels: list[str]


class PoliciesOut(PolicyValues):
    """All policies of a project as they hold, and what they would be by themselves. `version` is the project's own."""

    defaults: PolicyValues
    version: int

    @classmethod
    def of(cls, row: ProjectRow) -> Self:
        holding = stated(policy_of(row.policies))
        return cls.model_validate({**holding, "defaults": stated(Policy()), "version": row.version})


class GroupingOut(Wire):
    """Why an alert is where it is: `rule` looked at `fields` and found `values`; equal values share an incident.

    `sent` are its sender's own group labels, whatever the rule.
    """

    rule: GroupBy
    fields: list[str] = Field(default_factory=list)
    values: dict[str, str]
    sent: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        return cls.model_validate(stored)


class WhyOut(Wire):
    """What a rule finds in an alert."""

    rule: GroupBy
    values: dict[str, str]

    @classmethod
    def of(cls, found: Grouping) -> Self:
        return cls(rule=found.rule, values=dict(found.values))


class GroupOut(Wire):
    """Alerts that share a key, and how many incidents they make, one after another."""

    why: WhyOut
    title: str
    severity: Severity
    service_name: str
    alerts: int
    incidents: int

    @classmethod
    def of(cls, one: Group) -> Self:
        return cls(
            why=WhyOut.of(one.why),
            title=one.title,
            severity=one.severity,
            service_name=one.service_name,
            alerts=one.alerts,
            incidents=one.incidents,
        )


class ReplayedOut(Wire):
    """What the alerts make: incidents, distinct keys, and alerts that open none because they are too few."""

    incidents: int
    keys: int
    held: int
    largest: list[GroupOut]

    @classmethod
    def of(cls, found: Replayed) -> Self:
        groups = [GroupOut.of(one) for one in found.largest]
        return cls(incidents=found.incidents, keys=found.keys, held=found.held, largest=groups)


class RegroupedOut(Wire):
    """An alert that would have other neighbours."""

    alert_id: UUID
    title: str
    before: WhyOut
    after: WhyOut

    @classmethod
    def of(cls, one: Regrouped) -> Self:
        return cls(
            alert_id=one.alert.id, title=one.alert.title, before=WhyOut.of(one.before), after=WhyOut.of(one.after)
        )


class PreviewOut(Wire):
    """The alerts since `since` under today's policies and under the changed ones; nothing is stored.

    At most `most_alerts` are replayed; `is_cut` says that there were more, of which these are the newest. `regrouped`
    alerts would have other neighbours, of which `examples` are the first. People's own moves are left out of both.
    """

    since: Time
    alerts: int
    most_alerts: int
    is_cut: bool
    before: ReplayedOut
    after: ReplayedOut
    regrouped: int
    examples: list[RegroupedOut]

    @classmethod
    def of(cls, trial: Trial, found: Comparison) -> Self:
        return cls(
            since=trial.since,
            alerts=len(trial.alerts),
            most_alerts=MAX_REPLAYED,
            is_cut=trial.is_cut,
            before=ReplayedOut.of(found.before),
            after=ReplayedOut.of(found.after),
            regrouped=found.regrouped,
            examples=[RegroupedOut.of(one) for one in found.examples],
        )
