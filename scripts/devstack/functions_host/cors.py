"""Cross-origin answers for a browser on another port, set in local.settings.json; in Azure the platform gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from scripts.devstack.functions_host.settings import LocalHost, SettingError

_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Cors:
    """The origins that may call; none means that no request gets a CORS header."""

    origins: frozenset[str] = frozenset()
    allow_credentials: bool = False

    @classmethod
    def of(cls, host: LocalHost) -> Self:
        """Raises SettingError for every origin with credentials, which the CORS protocol does not allow."""
        origins = frozenset(origin.strip().rstrip("/") for origin in host.cors.split(",") if origin.strip())
        if _ANY in origins and host.cors_credentials:
            raise SettingError("local.settings.json: Host.CORS '*' and Host.CORSCredentials exclude each other.")
        return cls(origins, host.cors_credentials)

    def answers_preflight(self, method: str, headers: Mapping[str, str]) -> bool:
        """Whether this is a browser asking before it sends the real request."""
        is_preflight = method == "OPTIONS" and "Origin" in headers and "Access-Control-Request-Method" in headers
        return bool(self.origins) and is_preflight

    def preflight_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Any method and any header is allowed from an allowed origin."""
        allowed = self.headers(headers)
        if not allowed:
            return {}
        allowed["Access-Control-Allow-Methods"] = headers["Access-Control-Request-Method"]
        if wanted := headers.get("Access-Control-Request-Headers"):
            allowed["Access-Control-Allow-Headers"] = wanted
        return allowed

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers to add to the answer of a request."""
        if not self.origins or (origin := headers.get("Origin")) is None:
            return {}
        if _ANY in self.origins:
            return {"Access-Control-Allow-Origin": _ANY}
        if origin not in self.origins:
            return {}
        allowed = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
        return allowed | {"Access-Control-Allow-Credentials": "true"} if self.allow_credentials else allowed
