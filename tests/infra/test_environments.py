"""The two environments differ where they must, fit their limits, and name nothing that is over."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pytest

from scripts.infra_check.template import Resource
from shared.platform.database import Database
from tests.infra.templates import ENVIRONMENTS, INFRA, MAX_NAME, environment, main, property_of, templates
from tests.shared.platform.offline import offline

# https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-limits: what users get of max_connections.
USER_CONNECTIONS: Final = {"Standard_B2s": 414, "Standard_D2ds_v5": 844}
PGBOUNCER_CLIENTS: Final = 5_000  # its max_client_conn
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
NAME_RULES: Final = {
    "resourceGroup": r"[-\w.()]{1,89}[-\w()]",
    "apiIdentity": r"[a-zA-Z0-9][-\w]{2,127}",
    "systemIdentity": r"[a-zA-Z0-9][-\w]{2,127}",
    "migrationIdentity": r"[a-zA-Z0-9][-\w]{2,62}",  # it is a name in the database as well
    "workspace": r"[a-zA-Z0-9][-a-zA-Z0-9]{2,61}[a-zA-Z0-9]",
    "appInsights": r"[-\w.()]{1,260}",
    "actionGroup": r"[-\w.()]{1,260}",
    "budget": r"[-\w]{1,63}",
    "virtualNetwork": r"[a-zA-Z0-9][-\w.]{0,62}\w",
    "securityGroup": r"[a-zA-Z0-9][-\w.]{0,78}\w",
    "privateEndpoint": r"[a-zA-Z0-9][-\w.]{0,50}\w",  # the part's name follows
    "storage": r"[a-z0-9]{3,24}",
    "keyVault": r"[a-zA-Z](?!.*--)[-a-zA-Z0-9]{1,22}[a-zA-Z0-9]",
    "postgres": r"[a-z0-9][-a-z0-9]{1,61}[a-z0-9]",
    "redis": r"(?!.*--)[a-zA-Z0-9][-a-zA-Z0-9]{0,58}[a-zA-Z0-9]",
    "webPubSub": r"[a-zA-Z][-a-zA-Z0-9]{1,61}[a-zA-Z0-9]",
    "openAi": r"[a-zA-Z0-9][-a-zA-Z0-9]{0,62}[a-zA-Z0-9]",
    "plan": r"[-a-zA-Z0-9]{1,60}",
    "functionApp": r"[a-zA-Z0-9][-a-zA-Z0-9]{0,58}[a-zA-Z0-9]",
    "staticWebApp": r"[-a-zA-Z0-9]{1,40}",
}


def test_prod_is_redundant_and_private_and_keeps_its_backups() -> None:
    wanted = {
        "vnetEnabled": (False, True),
        "zoneRedundant": (False, True),
        "postgresHaMode": ("Disabled", "ZoneRedundant"),
        "postgresSkuTier": ("Burstable", "GeneralPurpose"),
        "postgresBackupDays": (7, 35),
        "redisHighAvailability": ("Disabled", "Enabled"),
        "webPubSubSku": ("Free_F1", "Standard_S1"),
        "staticWebAppSku": ("Free", "Standard"),
        "alwaysReadyHttp": (0, 2),
    }
    assert {name: tuple(environment(one)[name] for one in ENVIRONMENTS) for name in wanted} == wanted


def test_what_holds_data_cannot_be_deleted_in_prod() -> None:
    locked = {name for name, module in main().modules.items() if "lockEnabled" in module.arguments}
    assert locked == {"postgres", "keyVault"}
    for name in locked:
        given = main().modules[name].arguments["lockEnabled"]
        assert [environment(one).of(given) for one in ENVIRONMENTS] == [False, True]


def test_the_vault_of_prod_outlives_its_deletion_and_that_of_dev_frees_its_name() -> None:
    def of_the_vault(path: str) -> list[object]:
        return [property_of("keyVault", "vault", f"properties.{path}", one) for one in ENVIRONMENTS]

    assert of_the_vault("enablePurgeProtection") == [None, True]  # Azure refuses false
    assert of_the_vault("softDeleteRetentionInDays") == [7, 90]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_database_takes_the_connections_of_all_instances(name: str) -> None:
    database = Database(offline())
    each = sum(engine.pool.size() for engine in (database.app, database.system))  # type: ignore[attr-defined]  # QueuePool
    most = environment(name)["maximumInstanceCount"] * each
    server = USER_CONNECTIONS[environment(name)["postgresSkuName"]]
    has_pooler = environment(name)["postgresSkuTier"] != "Burstable"
    assert most <= (PGBOUNCER_CLIENTS if has_pooler else server)
    assert environment(name)["postgresConnectionsLimit"] == int(server * 0.8)


def test_only_a_server_that_has_pgbouncer_is_asked_for_it() -> None:
    enabled = main().modules["postgres"].arguments["pgBouncerEnabled"]
    assert [environment(one).of(enabled) for one in ENVIRONMENTS] == [False, True]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_database_is_of_the_version_that_the_schema_needs(name: str) -> None:
    assert property_of("postgres", "server", "properties.version", name) == "18"


def generated_names() -> dict[str, str]:
    longest = environment("prod").with_values(environmentName=MAX_NAME)
    found: dict[str, str] = longest["name"]
    return found


@pytest.mark.parametrize("part", NAME_RULES)
def test_a_generated_name_is_valid_for_the_longest_environment_name(part: str) -> None:
    assert re.fullmatch(NAME_RULES[part], generated_names()[part])


def test_every_generated_name_has_a_rule() -> None:
    assert set(generated_names()) == set(NAME_RULES)


def everything() -> list[Resource]:
    return [one for template in templates().values() for one in template.resources.values()]


def test_every_pinned_version_is_used() -> None:
    pinned = json.loads((INFRA / "api-versions.json").read_text())
    assert {one.type for one in everything()} == set(pinned)


def test_every_type_in_the_tables_is_used() -> None:
    tables = json.loads((INFRA / "check" / "arm-types.json").read_text())
    assert set(tables) == {one.type for one in everything()} - {"Microsoft.Web/sites/config"}


def retires(name: str) -> date:
    models = json.loads((INFRA / "model-lifecycle.json").read_text())["models"]
    values = environment(name)
    return date.fromisoformat(models[values["chatModelName"]][values["chatModelVersion"]])


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_no_environment_names_a_model_that_is_retired_today(name: str) -> None:
    assert datetime.now(tz=UTC).date() < retires(name), "choose another, and look at infra/model-lifecycle.json"


def test_the_template_itself_names_no_model() -> None:
    assert main().parameters["chatModelName"].default is None
    assert main().parameters["chatModelVersion"].default is None


def test_a_model_that_is_retired_is_known_to_be() -> None:
    models = json.loads((INFRA / "model-lifecycle.json").read_text())["models"]
    assert date.fromisoformat(models["gpt-4o-mini"]["2024-07-18"]) < date(2026, 11, 22)


def test_no_parameter_file_is_one_that_azd_would_take_instead_of_its_own() -> None:
    assert not Path(INFRA / "main.bicepparam").exists()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_over_zones_no_instance_or_two_are_always_ready(name: str) -> None:
    """https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#always-ready-instances"""
    values = environment(name)
    assert not values["zoneRedundant"] or values["alwaysReadyHttp"] != 1


def test_the_readme_tells_of_every_module() -> None:
    text = (INFRA / "README.md").read_text()
    assert [path.name for path in (INFRA / "modules").glob("*.bicep") if f"`{path.name}`" not in text] == []
