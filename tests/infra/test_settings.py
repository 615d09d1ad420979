"""The functions get in Azure what they read, and nothing that nobody reads."""

from typing import Final

import pytest

from infra.migrations.roles import APP, SYSTEM
from scripts.infra_check.evaluate import UNKNOWN
from scripts.infra_check.policy import FORBIDDEN_SETTINGS
from scripts.infra_check.template import below, members
from shared.platform.key_vault import GENERATED, GIVEN
from shared.platform.queues import Queues
from shared.platform.settings import Settings
from tests.infra.templates import ENVIRONMENTS, app_settings, inside, template
from tests.shared.platform.offline import NOWHERE

# The host reads these, and not we.
OF_THE_HOST: Final = {
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__clientId",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
}
# The other way to the same service: with a key, as on a laptop, or from elsewhere.
ALTERNATIVES: Final = {
    "DATABASE_URL": "POSTGRES_HOST",
    "SYSTEM_DATABASE_URL": "POSTGRES_HOST",
    "REDIS_URL": "REDIS_HOST",
    "AzureWebJobsStorage": "AzureWebJobsStorage__queueServiceUri",
    "WebPubSubConnectionString": "WEBPUBSUB_ENDPOINT",
    "MODEL_BASE_URL": "AZURE_OPENAI_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "APPLICATIONINSIGHTS_CONNECTION_STRING",
}
# What a deployment changes by the parameter `extraSettings` only.
LEFT_TO_THEIR_DEFAULTS: Final = {
    "POSTGRES_PREPARES",
    "PASSWORD_COST",
    "MODEL_MAX_COMPLETION_TOKENS",
    "MODEL_TEMPERATURE",
    "MODEL_DEADLINE_SECONDS",
    "RESPONSE_CACHE_SECONDS",
    "RATE_LIMIT_PER_MINUTE",
    "TENANT_RATE_LIMIT_PER_MINUTE",
    "INGEST_LIMIT_PER_MINUTE",
    "INGEST_CEILING_PER_MINUTE",
    "INGEST_MODE",
    "INGEST_DEADLINE_SECONDS",
    "OUTBOUND_ALLOW_PRIVATE",
    "OTEL_SERVICE_NAME",
}
READ: Final = {str(field.alias) for field in Settings.model_fields.values()}


def test_bicep_sets_nothing_that_nobody_reads() -> None:
    assert set(app_settings()) - READ == OF_THE_HOST


def test_every_setting_comes_from_bicep_or_the_vault_or_is_left_out_on_purpose() -> None:
    told, kept = set(app_settings()), {*GENERATED, *GIVEN}
    assert READ - told - kept == {*ALTERNATIVES, *LEFT_TO_THEIR_DEFAULTS}


def test_no_secret_is_an_app_setting_and_nothing_has_two_ways() -> None:
    told = set(app_settings())
    assert told & {*GENERATED, *GIVEN} == set()
    assert {name: told & {name, other} for name, other in ALTERNATIVES.items()} == {
        name: {other} for name, other in ALTERNATIVES.items()
    }


def test_nothing_is_set_that_flex_consumption_refuses() -> None:
    assert set(app_settings()) & FORBIDDEN_SETTINGS == set()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_bicep_and_the_vault_give_is_enough_to_start(name: str) -> None:
    given = inside("functionApp", name)
    # An id, an address: whatever Azure will say instead.
    told = {
        key: "https://told-by.azure.example" if (value := given.of(node)) is UNKNOWN else value
        for key, node in app_settings().items()
    }
    vault = {key: NOWHERE[key] for key in GENERATED if key in NOWHERE}
    settings = Settings.read(told | vault)
    assert settings.database_url.get_secret_value() == ""
    assert settings.postgres_port == (6432 if name == "prod" else 5432)
    assert (settings.postgres_user, settings.postgres_system_user) == (APP, SYSTEM)
    assert settings.model_deployment == "chat"
    assert settings.cookie_same_site == "none"
    assert Queues(settings.storage_access) is not None


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_pages_may_call_the_api_with_their_cookies_and_nobody_else_may(name: str) -> None:
    cors = below(template("functionapp").resources["app"].body, "properties.siteConfig.cors")
    assert cors is not None
    assert set(members(cors)) == {"allowedOrigins", "supportCredentials"}
    assert inside("functionApp", name).of(members(cors)["supportCredentials"]) is True
    assert "*" not in (cors.text or b"").decode()
