"""App settings: where they come from, and what their names stand for."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal


class SettingError(ValueError):
    """A setting or configuration file that is missing or cannot be used."""


class AppSettings:
    """Settings by name: case does not matter, and `__` in a name stands for `:` as in .NET configuration."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {_key(name): value for name, value in values.items()}

    def get(self, name: str) -> str | None:
        return self._values.get(_key(name))

    def under(self, section: str) -> dict[tuple[str, ...], str]:
        """The settings below `section`, by the lower-case path that follows it."""
        prefix = _key(section) + ":"
        return {
            tuple(key.removeprefix(prefix).split(":")): v for key, v in self._values.items() if key.startswith(prefix)
        }

    def resolve(self, text: str) -> str:
        """Replace every `%Name%` by that setting.

        Raises SettingError for a name without a value or a `%` without its partner.
        """
        resolved = re.sub("%([^%]*)%", self._value_of, text)
        if (unclosed := re.sub("%[^%]*%", lambda pair: " " * len(pair[0]), text).find("%")) >= 0:
            raise SettingError(f"The '%' at position {unclosed} does not have a closing '%'")
        return resolved

    def _value_of(self, placeholder: re.Match[str]) -> str:
        if (value := self.get(placeholder[1])) is None:
            raise SettingError(f"'{placeholder[0]}' does not resolve to a value.")
        return value

    def connection_string(self, name: str) -> str:
        """The connection string that a binding's `connection` names; empty means the default, `AzureWebJobsStorage`.

        Raises SettingError when there is none.
        """
        name = self.resolve(name) or "AzureWebJobsStorage"
        candidates = [f"{root}{prefix}{name}" for prefix in ("AzureWebJobs", "") for root in ("ConnectionStrings:", "")]
        for candidate in candidates:
            if value := self.get(candidate):
                return value
            if self.under(candidate):
                raise SettingError(f"Connection '{name}' names an identity; a local host needs a connection string.")
        raise SettingError(f"There is no connection string '{name}' in the settings.")

    def is_disabled(self, function: str) -> bool:
        # Linux shells cannot set a name with a dot, so Azure accepts both spellings.
        spellings = (f"AzureWebJobs.{function}.Disabled", f"AzureWebJobs_{function}_Disabled")
        return any((self.get(name) or "").casefold() in {"true", "1"} for name in spellings)


def _key(name: str) -> str:
    return name.replace("__", ":").casefold()


class _LocalModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, coerce_numbers_to_str=True, frozen=True)


class LocalHost(_LocalModel):
    """Section `Host` of local.settings.json."""

    cors: str = Field("", alias="CORS")
    cors_credentials: bool = Field(default=False, alias="CORSCredentials")
    local_http_port: int = 7071


class LocalSettings(_LocalModel):
    """local.settings.json, which Core Tools reads on a developer's machine and Azure never sees."""

    is_encrypted: bool = False
    values: dict[str, str | None] = {}
    connection_strings: dict[str, str] = {}
    host: LocalHost = LocalHost()

    def over(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The file's settings that the environment does not have yet; it wins, and null is no setting."""
        named = {f"ConnectionStrings:{name}": value for name, value in self.connection_strings.items()}
        return {
            name: value for name, value in (self.values | named).items() if value is not None and name not in environ
        }


def read_local_settings(app: Path) -> LocalSettings:
    """Read `local.settings.json` in `app`; without the file, all defaults. Raises SettingError for a bad one."""
    path = app / "local.settings.json"
    try:
        found = LocalSettings.model_validate(read_json(path) if path.exists() else {})
    except ValidationError as error:
        raise SettingError(f"{path}: {error}") from error
    if found.is_encrypted:
        raise SettingError(f"{path} is encrypted; run `func settings decrypt` first.")
    return found


def read_json(path: Path) -> Any:
    """Raises SettingError when the file is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise SettingError(f"{path} is not JSON: {error}") from error
