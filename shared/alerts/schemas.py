"""Policies on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from shared.access.tables import ProjectRow
from shared.alerts.policies import AutoResolve, GroupBy, Related, policy_of, stated
from shared.alerts.values import MAX_LABEL_NAME, Severity
from shared.platform.wire import Line, Wire

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
            raise ValueError("labels are needed by `labels`, and by nothing else")
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


class PoliciesOut(Wire):
    """All policies of a project, defaults included. `version` is the project's own."""

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
    version: int

    @classmethod
    def of(cls, row: ProjectRow) -> Self:
        return cls.model_validate({**stated(policy_of(row.policies)), "version": row.version})
