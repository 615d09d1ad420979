"""How good the hypotheses were, on the wire."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.hypotheses.accuracy import Bucket, Ranking
from shared.hypotheses.values import CauseCode
from shared.platform.wire import Instant, Time, Wire, clash


class AccuracyQuery(Wire):
    """Incidents that were opened at `from` or later and before `to`; by default in the last 90 days."""

    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Annotated[Instant | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _is_forward(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise clash("from must lie before to", "from", "to")
        return self


class ShareOut(Wire):
    """`right` of `of`, and that as a `share` in 0-1: null of none."""

    right: int
    of: int
    share: float | None

    @classmethod
    def made(cls, right: int, of: int) -> Self:
        return cls(right=right, of=of, share=right / of if of else None)


class RankedOut(Wire):
    """How often the cause came first, and among the first three."""

    a_at_1: ShareOut
    a_at_3: ShareOut

    @classmethod
    def of(cls, one: Ranking) -> Self:
        return cls(a_at_1=ShareOut.made(one.first, one.incidents), a_at_3=ShareOut.made(one.among_three, one.incidents))


class CauseOut(RankedOut):
    """Incidents whose confirmed cause was this one."""

    cause_code: CauseCode


class GeneratorOut(RankedOut):
    """Incidents in which a hypothesis of this generator led: `rules`, `model`, or `rules and model`."""

    generator: str


class BucketOut(Wire):
    """Hypotheses that were given a confidence of `at_least` to `below` (the last one: up to 1), and how many held."""

    at_least: float
    below: float
    right: ShareOut

    @classmethod
    def of(cls, one: Bucket) -> Self:
        return cls(at_least=one.at_least, below=one.below, right=ShareOut.made(one.right, one.hypotheses))


class AccuracyOut(RankedOut):
    """How good a project's hypotheses were, by people's verdicts.

    Of `analysed` incidents, `judged` have a confirmed cause or a rejected lead, which counts as wrong. Nobody knows of
    the `unjudged`. `reliability` is null until `enough` are judged; `missing` says how many are not yet.
    """

    since: Time
    until: Time
    analysed: int
    judged: int
    unjudged: int
    by_cause: list[CauseOut]
    by_generator: list[GeneratorOut]
    enough: int
    missing: int
    reliability: list[BucketOut] | None
