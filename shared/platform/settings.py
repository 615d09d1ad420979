"""The one model of the environment. `function_app.py` reads it once and hands it over."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from decimal import Decimal
from email.errors import HeaderParseError
from email.utils import parseaddr
from enum import StrEnum
from typing import Annotated, Any, Final, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretBytes,
    SecretStr,
    ValidationError,
    model_validator,
)

_MIN_KEY_BYTES = 32
_AES_KEY_BYTES = 32
_P256_KEY_BYTES = 32
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_URL_SAFE = str.maketrans("-_", "+/")
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


# As text, and where a key has to be base64.
_OF_THE_SAMPLE: Final = ("REPLACE-WITH", "UkVQTEFDRS1U")


class MissingSettings(RuntimeError):
    """The environment does not say enough to start. The text names each setting, and never its value."""


class IngestMode(StrEnum):
    """Where a webhook's alerts go first: straight to PostgreSQL, or always through the queue."""

    DATABASE = "database"
    QUEUE = "queue"


class SameSite(StrEnum):
    """On which requests a browser sends the session's cookies. `none` is for an SPA on another site than the API."""

    STRICT = "strict"
    LAX = "lax"
    NONE = "none"


class StorageAccess(BaseModel):
    """The way to queues, tables and blobs: a connection string, or an address each and an Entra identity."""

    model_config = ConfigDict(frozen=True)

    connection_string: SecretStr = SecretStr("")
    queue_service_uri: str = ""
    table_service_uri: str = ""
    blob_service_uri: str = ""
    client_id: str = ""


class SmtpServer(BaseModel):
    """A mail server, and how the connection is encrypted: from its beginning, by STARTTLS, or not."""

    model_config = ConfigDict(frozen=True)

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    user: str = ""
    password: SecretStr = SecretStr("")
    is_tls: bool
    is_starttls: bool


_SMTP_SCHEMES: Final = {"smtps": (465, True, False), "smtp": (587, False, True), "smtp+plain": (25, False, False)}
_SMTP_FORM: Final = (
    "must be smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS) "
    "or smtp+plain://host:25 (neither encrypted nor signed in)"
)


def smtp_server(url: str) -> SmtpServer:
    """Read a mail server's URL; user and password are percent-encoded. Raises `ValueError`, without the URL."""
    try:
        parts = urlsplit(url)
        usual_port, is_tls, is_starttls = _SMTP_SCHEMES[parts.scheme]
        found = SmtpServer(
            host=parts.hostname or "",
            port=parts.port or usual_port,
            user=unquote(parts.username or ""),
            password=SecretStr(unquote(parts.password or "")),
            is_tls=is_tls,
            is_starttls=is_starttls,
        )
    except (ValueError, KeyError):
        raise ValueError(_SMTP_FORM) from None
    is_safe = is_tls or is_starttls or not found.user
    if parts.path.strip("/") or parts.query or parts.fragment or not is_safe:
        raise ValueError(_SMTP_FORM)
    return found


def _smtp_url(url: SecretStr) -> SecretStr:
    if given := url.get_secret_value():
        smtp_server(given)
    return url


def _scrape_token(token: SecretStr) -> SecretStr:
    given = token.get_secret_value()
    if given and (len(given) < _MIN_KEY_BYTES or not given.isascii() or not given.isprintable()):
        raise ValueError(f"must be {_MIN_KEY_BYTES} or more printable ASCII characters")
    return token


def _sender(value: str) -> str:
    if not value:
        return value
    from email.headerregistry import Address  # noqa: PLC0415 - it is large, and most deployments send no mail

    name, address = parseaddr(value, strict=True)
    try:
        Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError, HeaderParseError):
        address = ""
    if "@" not in address or not value.isprintable():
        raise ValueError("must be an address, as in: SRE Copilot <sre-copilot@example.com>")
    return value


class KeyRing(BaseModel):
    """Keys by id. The first one signs or encrypts, all of them verify or decrypt."""

    model_config = ConfigDict(frozen=True)
    keys: Mapping[str, SecretBytes]

    @property
    def newest(self) -> tuple[str, bytes]:
        """Return the id and the secret of the key that signs."""
        kid = next(iter(self.keys))
        return kid, self.keys[kid].get_secret_value()

    def secret(self, kid: str) -> bytes | None:
        """Return the secret of key `kid`, or None when there is none of that id."""
        found = self.keys.get(kid)
        return found.get_secret_value() if found else None


def _ring(form: str, read: Callable[[str], bytes]) -> BeforeValidator:
    """Read `kid:secret[,kid:secret]`, each secret by `read`, which raises `ValueError`."""

    def parse(value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [pair.strip().partition(":") for pair in value.split(",") if pair.strip()]
        try:
            keys = {kid: SecretBytes(read(secret)) for kid, _, secret in pairs}
        except ValueError:
            raise ValueError(f"must be {form}") from None
        if not pairs or not all(_KEY_ID.fullmatch(kid) for kid in keys):
            raise ValueError(f"must be {form}")
        if len(keys) < len(pairs):
            raise ValueError("must name each kid once")
        return {"keys": keys}

    return BeforeValidator(parse)


def _signing_key(secret: str) -> bytes:
    if len(key := secret.encode()) < _MIN_KEY_BYTES:
        raise ValueError("too short")
    return key


def _base64(secret: str) -> bytes:
    return b64decode(secret.translate(_URL_SAFE) + "=" * (-len(secret) % 4), validate=True)


def _aes_key(secret: str) -> bytes:
    key = _base64(secret)
    if len(key) != _AES_KEY_BYTES:
        raise ValueError("not 32 bytes")
    return key


def _p256_key(secret: str) -> bytes:
    key = _base64(secret)
    if len(key) != _P256_KEY_BYTES or not 0 < int.from_bytes(key) < _P256_ORDER:
        raise ValueError("no scalar of P-256")
    return key


SigningKeys = Annotated[
    KeyRing, _ring(f"kid:secret[,kid:secret], each secret of {_MIN_KEY_BYTES} bytes or more", _signing_key)
]
AesKeys = Annotated[KeyRing, _ring(f"kid:base64[,kid:base64], each of exactly {_AES_KEY_BYTES} bytes", _aes_key)]
P256Keys = Annotated[
    KeyRing, _ring(f"kid:base64[,kid:base64], each {_P256_KEY_BYTES} bytes that are a private key of P-256", _p256_key)
]


class Settings(BaseModel):
    """Every setting the code reads. The alias is the name in the environment.

    A service is reached by a connection string (`DATABASE_URL`, `REDIS_URL`, `AzureWebJobsStorage`,
    `WebPubSubConnectionString`) or, where only its host is named, with an Entra token.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    database_url: SecretStr = Field(SecretStr(""), alias="DATABASE_URL")
    system_database_url: SecretStr = Field(SecretStr(""), alias="SYSTEM_DATABASE_URL")
    postgres_host: str = Field("", alias="POSTGRES_HOST")
    postgres_port: int = Field(5432, alias="POSTGRES_PORT", ge=1, le=65535)
    postgres_prepares: bool = Field(default=True, alias="POSTGRES_PREPARES")
    postgres_database: str = Field("srecopilot", alias="POSTGRES_DATABASE")
    postgres_user: str = Field("srecopilot_app", alias="POSTGRES_USER")
    postgres_system_user: str = Field("srecopilot_system", alias="POSTGRES_SYSTEM_USER")

    redis_url: SecretStr = Field(SecretStr(""), alias="REDIS_URL")
    redis_host: str = Field("", alias="REDIS_HOST")
    redis_port: int = Field(10000, alias="REDIS_PORT", ge=1, le=65535)

    storage: SecretStr = Field(SecretStr(""), alias="AzureWebJobsStorage")
    queue_service_uri: str = Field("", alias="AzureWebJobsStorage__queueServiceUri")
    table_service_uri: str = Field("", alias="AzureWebJobsStorage__tableServiceUri")
    blob_service_uri: str = Field("", alias="AzureWebJobsStorage__blobServiceUri")

    webpubsub: SecretStr = Field(SecretStr(""), alias="WebPubSubConnectionString")
    webpubsub_endpoint: str = Field("", alias="WEBPUBSUB_ENDPOINT")

    webpubsub_event_keys: SecretStr = Field(SecretStr(""), alias="WEBPUBSUB_EVENT_KEYS")

    azure_client_id: str = Field("", alias="AZURE_CLIENT_ID")
    system_client_id: str = Field("", alias="SYSTEM_CLIENT_ID")
    key_vault_uri: str = Field("", alias="KEY_VAULT_URI", pattern=r"^(https://[^\s?#]+)?$")

    session_keys: SigningKeys = Field(alias="SESSION_KEYS")
    ingest_keys: SigningKeys = Field(alias="INGEST_KEYS")
    vault_keys: AesKeys = Field(alias="VAULT_KEYS")
    sealing_keys: P256Keys = Field(alias="SEALING_KEYS")
    password_pepper: SecretStr = Field(alias="PASSWORD_PEPPER", min_length=_MIN_KEY_BYTES)

    cookie_same_site: SameSite = Field(SameSite.LAX, alias="COOKIE_SAMESITE")
    password_cost: int = Field(12, alias="PASSWORD_COST", ge=10, le=16)

    smtp_url: Annotated[SecretStr, AfterValidator(_smtp_url)] = Field(SecretStr(""), alias="SMTP_URL")
    mail_from: Annotated[str, AfterValidator(_sender)] = Field("", alias="MAIL_FROM")

    model_azure_endpoint: str = Field("", alias="AZURE_OPENAI_ENDPOINT", pattern=r"^(https?://[^\s?#]+)?$")
    model_base_url: str = Field("", alias="MODEL_BASE_URL", pattern=r"^(https?://[^\s?#]+)?$")
    model_deployment: str = Field("", alias="MODEL_DEPLOYMENT", max_length=200)
    model_api_key: SecretStr = Field(SecretStr(""), alias="MODEL_API_KEY")
    model_max_completion_tokens: int = Field(800, alias="MODEL_MAX_COMPLETION_TOKENS", ge=100, le=32_000)
    model_temperature: float | None = Field(None, alias="MODEL_TEMPERATURE", ge=0, le=2)
    model_deadline: float = Field(30, alias="MODEL_DEADLINE_SECONDS", gt=0, le=60)
    ai_monthly_budget: Decimal = Field(Decimal(20), alias="AI_MONTHLY_BUDGET_USD", ge=0, le=1_000_000)

    metrics_token: Annotated[SecretStr, AfterValidator(_scrape_token)] = Field(SecretStr(""), alias="METRICS_TOKEN")

    api_base_url: str = Field("http://127.0.0.1:7071/api", alias="API_BASE_URL")
    app_base_url: str = Field("http://127.0.0.1:5173", alias="APP_BASE_URL", pattern=r"^https?://[^\s?#]+$")
    response_cache_seconds: int = Field(10, alias="RESPONSE_CACHE_SECONDS", ge=0, le=3_600)
    rate_limit: int = Field(100, alias="RATE_LIMIT_PER_MINUTE", ge=1)
    tenant_rate_limit: int = Field(2_000, alias="TENANT_RATE_LIMIT_PER_MINUTE", ge=1)
    ingest_limit: int = Field(6_000, alias="INGEST_LIMIT_PER_MINUTE", ge=1)
    ingest_ceiling: int = Field(60_000, alias="INGEST_CEILING_PER_MINUTE", ge=1)
    ingest_mode: IngestMode = Field(IngestMode.DATABASE, alias="INGEST_MODE")
    ingest_deadline: float = Field(1.5, alias="INGEST_DEADLINE_SECONDS", gt=0, le=30)
    outbound_allow_private: bool = Field(default=False, alias="OUTBOUND_ALLOW_PRIVATE")
    application_insights: SecretStr = Field(SecretStr(""), alias="APPLICATIONINSIGHTS_CONNECTION_STRING")
    otlp_endpoint: str = Field("", alias="OTEL_EXPORTER_OTLP_ENDPOINT", pattern=r"^(https?://[^\s?#]+)?$")
    service_name: str = Field("sre-copilot", alias="OTEL_SERVICE_NAME", max_length=200)
    trace_ratio: float = Field(1, alias="OTEL_TRACES_SAMPLER_ARG", ge=0, le=1)
    operator_ingest_token: SecretStr = Field(SecretStr(""), alias="OPERATOR_INGEST_TOKEN")
    log_level: str = Field("INFO", alias="LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @property
    def storage_access(self) -> StorageAccess:
        """The way to queues, tables and blobs."""
        return StorageAccess(
            connection_string=self.storage,
            queue_service_uri=self.queue_service_uri,
            table_service_uri=self.table_service_uri,
            blob_service_uri=self.blob_service_uri,
            client_id=self.azure_client_id,
        )

    @property
    def smtp_server(self) -> SmtpServer | None:
        """The mail server, or None where no mail is sent."""
        url = self.smtp_url.get_secret_value()
        return smtp_server(url) if url else None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; an empty value counts as absent. Raises `MissingSettings`."""
        given = {name: value for name, value in environment.items() if value}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in found)
            raise MissingSettings(f"{wrong}. local.settings.sample.json lists every setting.") from None

    @model_validator(mode="before")
    @classmethod
    def _own_secrets(cls, given: Any) -> Any:
        """The sample's secrets are known to everybody."""
        taken = [name for name, value in given.items() if any(text in str(value) for text in _OF_THE_SAMPLE)]
        if taken:
            raise ValueError(f"still with the sample's secret, put one of your own: {', '.join(sorted(taken))}")
        return given

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        """Each service needs one way to it."""
        ways = {
            "DATABASE_URL and SYSTEM_DATABASE_URL, or POSTGRES_HOST": (
                self.database_url.get_secret_value() and self.system_database_url.get_secret_value()
            )
            or self.postgres_host,
            "REDIS_URL or REDIS_HOST": self.redis_url.get_secret_value() or self.redis_host,
            "AzureWebJobsStorage, or all of AzureWebJobsStorage__queueServiceUri, AzureWebJobsStorage__tableServiceUri "
            "and AzureWebJobsStorage__blobServiceUri": self.storage.get_secret_value()
            or (self.queue_service_uri and self.table_service_uri and self.blob_service_uri),
            "WebPubSubConnectionString or WEBPUBSUB_ENDPOINT": self.webpubsub.get_secret_value()
            or self.webpubsub_endpoint,
        }
        missing = [names for names, given in ways.items() if not given]
        if missing:
            raise ValueError("missing " + "; ".join(missing))
        if bool(self.smtp_url.get_secret_value()) != bool(self.mail_from):
            raise ValueError("SMTP_URL and MAIL_FROM belong together")
        self._check_model()
        return self

    def _check_model(self) -> None:
        """A model has one address and a name; only Azure signs in without a key."""
        if self.model_azure_endpoint and self.model_base_url:
            raise ValueError("AZURE_OPENAI_ENDPOINT or MODEL_BASE_URL, not both")
        if bool(self.model_azure_endpoint or self.model_base_url) != bool(self.model_deployment):
            raise ValueError("AZURE_OPENAI_ENDPOINT or MODEL_BASE_URL belongs together with MODEL_DEPLOYMENT")
        if self.model_base_url and not self.model_api_key.get_secret_value():
            raise ValueError("MODEL_BASE_URL needs MODEL_API_KEY")
