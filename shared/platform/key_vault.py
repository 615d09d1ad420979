"""Azure Key Vault: the secrets that no environment should hold, read once, before there are settings."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.platform.entra import blocking_credential
from shared.platform.settings import MissingSettings

# Settings that a vault may hold, each as a secret of its name in lower case with dashes: random ones that
# infra/hooks/secrets.sh makes, and those that somebody has from elsewhere.
GENERATED: Final = (
    "SESSION_KEYS",
    "INGEST_KEYS",
    "VAULT_KEYS",
    "SEALING_KEYS",
    "PASSWORD_PEPPER",
    "METRICS_TOKEN",
)
GIVEN: Final = ("OPERATOR_INGEST_TOKEN", "SMTP_URL", "MODEL_API_KEY", "WEBPUBSUB_EVENT_KEYS")

# A start that takes longer than 30 s is given up by Azure, and one that fails is tried again.
_CLIENT: Final[dict[str, Any]] = {"retry_total": 1, "connection_timeout": 2, "read_timeout": 5}


def secret_name(setting: str) -> str:
    """Return how a vault calls a setting; it takes no underscores."""
    return setting.lower().replace("_", "-")


def complete(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment and what the vault of `KEY_VAULT_URI` adds to it; what is set already is not asked for.

    Raises `MissingSettings` when there is such a vault and it does not answer.
    """
    address = environment.get("KEY_VAULT_URI")
    if not address:
        return environment
    missing = [name for name in GENERATED + GIVEN if not environment.get(name)]
    return {**environment, **_secrets(address, environment.get("AZURE_CLIENT_ID", ""), missing)}


def _secrets(address: str, client_id: str, settings: Iterable[str]) -> Mapping[str, str]:
    from azure.core.exceptions import AzureError, ResourceNotFoundError  # noqa: PLC0415 - only where there is a vault
    from azure.keyvault.secrets import SecretClient  # noqa: PLC0415 - as above

    found: dict[str, str] = {}
    with blocking_credential(client_id) as credential, SecretClient(address, credential, **_CLIENT) as client:
        for setting in settings:
            try:
                found[setting] = client.get_secret(secret_name(setting)).value or ""
            except ResourceNotFoundError:
                continue
            except AzureError as error:
                raise MissingSettings(f"KEY_VAULT_URI: no answer from the vault: {type(error).__name__}") from error
    return found
