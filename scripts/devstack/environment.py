"""From where the services are to what the application reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from infra.migrations.roles import APP, SYSTEM
from scripts.devstack.ports import HOST

DATABASE_URL = "DATABASE_URL"
REDIS_URL = "REDIS_URL"
STORAGE = "AzureWebJobsStorage"
WEBPUBSUB = "WebPubSubConnectionString"
SMTP_URL = "SMTP_URL"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services are, secrets included: URLs of PostgreSQL (as owner) and Redis, two connection strings."""

    owner_database: str
    redis: str
    storage: str
    webpubsub: str


# What suits one machine better than the product's own default, unless the environment says otherwise.
PREFERENCES: Mapping[str, str] = {
    "RATE_LIMIT_PER_MINUTE": "6000",
    "TENANT_RATE_LIMIT_PER_MINUTE": "60000",
    "INGEST_LIMIT_PER_MINUTE": "60000",
}


def preferences(given: Mapping[str, str]) -> Mapping[str, str]:
    return {name: given.get(name) or usual for name, usual in PREFERENCES.items()}


def mail_settings(smtp_url: str) -> Mapping[str, str]:
    """How e-mail goes out by a server that asks nothing of a sender."""
    return {SMTP_URL: smtp_url, "MAIL_FROM": "SRE Copilot <sre-copilot@example.com>"}


def app_settings(addresses: Addresses, *, port: int, secret: Callable[[str], str]) -> Mapping[str, str]:
    """The application's settings; `secret` gives a lasting random text by name."""
    return {
        DATABASE_URL: as_role(addresses.owner_database, APP, secret(APP)),
        "SYSTEM_DATABASE_URL": as_role(addresses.owner_database, SYSTEM, secret(SYSTEM)),
        REDIS_URL: addresses.redis,
        STORAGE: addresses.storage,
        WEBPUBSUB: addresses.webpubsub,
        "SESSION_KEYS": f"local:{secret('session')}",
        "INGEST_KEYS": f"local:{secret('ingest')}",
        "VAULT_KEYS": f"local:{secret('vault')}",
        "SEALING_KEYS": f"local:{secret('sealing')}",
        "PASSWORD_PEPPER": secret("pepper"),
        "OUTBOUND_ALLOW_PRIVATE": "true",
        "METRICS_TOKEN": secret("metrics"),
        "API_BASE_URL": api_url(port),
    }


def migration_settings(addresses: Addresses, *, secret: Callable[[str], str]) -> Mapping[str, str]:
    """What `scripts.migrate` needs to make roles, schema, queues and tables."""
    return {
        "MIGRATION_DATABASE_URL": addresses.owner_database,
        "APP_ROLE_PASSWORD": secret(APP),
        "SYSTEM_ROLE_PASSWORD": secret(SYSTEM),
        STORAGE: addresses.storage,
    }


def api_url(port: int) -> str:
    return f"http://{HOST}:{port}/api"


def as_role(url: str, role: str, password: str) -> str:
    """The same database, signed in as another role."""
    parts = urlsplit(url)
    _, _, where = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{quote(role, safe='')}:{quote(password, safe='')}@{where}"))
