"""Ask the Prometheus of an integration. Nothing is called inside a transaction."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.integrations.checks import authorization_of
from shared.integrations.tables import IntegrationRow
from shared.platform.outbound import MAX_REPLY, AddressRefused, NoAnswer
from shared.platform.runtime import Runtime
from shared.platform.vault import Unsealable

MAX_SERIES: Final = 2_000


class NotAnswered(Exception):
    """A query without a result. The text is one of ours, and holds neither an address nor what the other side said."""


class Sampled(BaseModel):
    """One series of a result: its labels, and where a range was asked for its samples, by time in seconds since 1970.

    Native histograms have no such samples, so their series have none here. Values may be infinite, or no number.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    metric: dict[str, str]
    values: list[tuple[float, float]] = []


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore")
    result: list[Sampled]


class _Answer(BaseModel):
    """Prometheus's answer to a query whose result is a vector or a matrix."""

    model_config = ConfigDict(extra="ignore")
    status: Annotated[str, Field(pattern="^success$")]
    data: _Data


async def ask(
    runtime: Runtime,
    row: IntegrationRow,
    api: Literal["query", "query_range"],
    parameters: Mapping[str, str],
    *,
    most: int = MAX_REPLY,
) -> list[Sampled]:
    """Return the series of a query's result, bounded in number, and in bytes by `most`. Raises `NotAnswered`."""
    url = f"{row.base_url}/api/v1/{api}?{urlencode(parameters)}"
    try:
        reply = await runtime.outbound.get(url, headers=authorization_of(runtime.vault, row), most=most)
    except AddressRefused as error:
        raise NotAnswered(error.title) from None
    except NoAnswer as error:
        raise NotAnswered(error.detail) from None
    except Unsealable:
        raise NotAnswered("its stored credentials cannot be read") from None
    if reply.status != HTTPStatus.OK:
        raise NotAnswered(f"answered with status {reply.status}")
    try:
        return _Answer.model_validate_json(reply.content).data.result[:MAX_SERIES]
    except ValidationError:
        raise NotAnswered("answered with something that is no result of a query") from None
