"""Settings of a deployment whose services are nowhere."""

from base64 import b64encode
from typing import Final

from shared.platform.settings import Settings

NOWHERE: Final = {
    "DATABASE_URL": "postgresql://app@127.0.0.1:1/x",
    "SYSTEM_DATABASE_URL": "postgresql://system@127.0.0.1:1/x",
    "REDIS_URL": "redis://127.0.0.1:1",
    "AzureWebJobsStorage": (
        "DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=c2VjcmV0;"
        "QueueEndpoint=http://127.0.0.1:1/nobody;TableEndpoint=http://127.0.0.1:1/nobody;"
        "BlobEndpoint=http://127.0.0.1:1/nobody;"
    ),
    "WebPubSubConnectionString": "Endpoint=http://127.0.0.1:1;AccessKey=" + "w" * 32 + ";Version=1.0;",
    "SESSION_KEYS": "k1:" + "s" * 32,
    "INGEST_KEYS": "k1:" + "i" * 32,
    "VAULT_KEYS": "k1:" + b64encode(b"v" * 32).decode(),
    "SEALING_KEYS": "k1:" + b64encode(b"e" * 32).decode(),
    "PASSWORD_PEPPER": "p" * 32,
    "PASSWORD_COST": "10",
}


def offline(**changes: str) -> Settings:
    """Settings with nothing behind them; port 1 refuses every connection."""
    return Settings.read({**NOWHERE, **changes})
