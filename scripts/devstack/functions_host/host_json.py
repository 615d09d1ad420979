"""host.json: the options of the whole host."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from scripts.devstack.functions_host.settings import AppSettings, SettingError, read_json

_TIME_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)")


def _time_span(value: object) -> object:
    """Read .NET's `[d.]hh:mm:ss`; anything else is left for pydantic to refuse."""
    if isinstance(value, str) and (found := _TIME_SPAN.fullmatch(value)):
        days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return value


def _limit(value: object) -> object:
    return None if str(value) == "-1" else _time_span(value)


type TimeSpan = Annotated[timedelta, BeforeValidator(_time_span)]


class _Section(BaseModel):
    """Keys are matched in lower case, since .NET configuration ignores case."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", ""), frozen=True)


class HttpOptions(_Section):
    route_prefix: str = "api"


class QueuesOptions(_Section):
    batch_size: int = Field(16, ge=1, le=32)
    new_batch_threshold: int | None = Field(None, ge=0)
    max_dequeue_count: int = Field(5, ge=1)
    visibility_timeout: TimeSpan = timedelta(0)
    max_polling_interval: TimeSpan = timedelta(seconds=2)  # the default of a host in development; 1 min in Azure
    message_encoding: Annotated[Literal["base64", "none"], BeforeValidator(lambda v: str(v).lower())] = "base64"

    @property
    def refill_at(self) -> int:
        """Fetch again when this many runs or fewer are left of the last batch."""
        return self.batch_size // 2 if self.new_batch_threshold is None else self.new_batch_threshold


class Extensions(_Section):
    http: HttpOptions = HttpOptions()
    queues: QueuesOptions = QueuesOptions()


class HostOptions(_Section):
    version: Literal["2.0"]
    function_timeout: Annotated[timedelta | None, BeforeValidator(_limit)] = timedelta(minutes=30)
    extensions: Extensions = Extensions()
    extension_bundle: dict[str, str] | None = None


def read_host_options(app: Path, settings: AppSettings) -> HostOptions:
    """Read `host.json` in `app`, with `AzureFunctionsJobHost__a__b` settings laid over it.

    Raises SettingError when the file is missing or does not say what the host understands.
    """
    path = app / "host.json"
    if not path.exists():
        raise SettingError(f"{path} is missing; a function app needs at least {{'version': '2.0'}} there.")
    tree = _lower(read_json(path))
    for keys, value in settings.under("AzureFunctionsJobHost").items():
        _put(tree, keys, value)
    try:
        return HostOptions.model_validate(tree)
    except ValidationError as error:
        raise SettingError(f"{path}: {error}") from error


def _lower(tree: Any) -> Any:
    return {key.lower(): _lower(value) for key, value in tree.items()} if isinstance(tree, Mapping) else tree


def _put(tree: dict[str, Any], keys: tuple[str, ...], value: str) -> None:
    *parents, last = keys
    for key in parents:
        tree = tree.setdefault(key, {})
    tree[last] = value
