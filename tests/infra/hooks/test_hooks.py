"""The hooks of a deployment, run as they are. What they ask of Azure, a program named `az` answers."""

import os
import stat
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from shared.platform.key_vault import GENERATED, secret_name
from shared.platform.settings import Settings
from tests.shared.platform.offline import NOWHERE

ROOT: Final = Path(__file__).parents[3]
HOOKS: Final = ROOT / "infra/hooks"
SCRIPTS: Final = sorted(path for path in HOOKS.glob("*.sh") if path.name != "common.sh")

AZ: Final = """#!/bin/sh
# Answers from files of AZ_FOLDER, and keeps what it was told.
printf '%s\\n' "$*" >>"$AZ_FOLDER/calls"
case "$*" in
"keyvault secret list"*)
    [ -e "$AZ_FOLDER/denied" ] && rm "$AZ_FOLDER/denied" && echo 'Forbidden by RBAC' >&2 && exit 1
    cat "$AZ_FOLDER/names" ;;
"keyvault secret set"*)
    while [ $# -gt 0 ]; do
        case $1 in --name) name=$2 ;; --file) file=$2 ;; esac
        shift
    done
    mkdir -p "$AZ_FOLDER/vault" && cp "$file" "$AZ_FOLDER/vault/$name" ;;
"keyvault secret show"*) cat "$AZ_FOLDER/ring" ;;
"cognitiveservices model list"*) cat "$AZ_FOLDER/model" ;;
"group exists"*) [ -e "$AZ_FOLDER/budget" ] && echo true || echo false ;;
"account show"*) echo 33333333-3333-3333-3333-333333333333 ;;
"rest --method get"*budgets*) cat "$AZ_FOLDER/budget" ;;
esac
"""
MIGRATE: Final = """#!/bin/sh
env >"$AZ_FOLDER/migrated"
[ ! -e "$AZ_FOLDER/broken" ]
"""


@dataclass(frozen=True)
class Azure:
    """A folder of answers, and what was asked."""

    folder: Path

    def run(self, hook: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "AZ_FOLDER": str(self.folder),
            "MIGRATE": str(self.folder / "bin/migrate"),
            "VAULT_PAUSE": "0",
            "FIREWALL_PAUSE": "0",
        }
        return subprocess.run(
            [HOOKS / hook, *arguments],
            cwd=self.folder,
            env=environment | settings,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def say(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def vault(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.folder / "vault").glob("*")}


@pytest.fixture
def azure(tmp_path: Path) -> Azure:
    (tmp_path / "bin").mkdir()
    for name, text in (("az", AZ), ("migrate", MIGRATE)):
        program = tmp_path / "bin" / name
        program.write_text(text)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Azure(tmp_path)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_hook_says_what_it_is_for(script: Path, azure: Azure) -> None:
    done = azure.run(script.name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: infra/hooks/{script.name}")
    assert azure.calls == []


# The model: offered, retired, in which SKUs.
IN_A_YEAR: Final = (datetime.now(UTC) + timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%SZ")
LAST_YEAR: Final = (datetime.now(UTC) - timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (f"{IN_A_YEAR}\tGlobalStandard,DataZoneStandard\n", ""),
        ("None\tGlobalStandard\n", ""),
        ("", "is not offered in swedencentral"),
        (f"{LAST_YEAR}\tGlobalStandard\n", "was retired on"),
        (f"{IN_A_YEAR}\tStandard,DataZoneStandard\n", "and not as GlobalStandard"),
        (f"{IN_A_YEAR}\tGlobalStandardBatch\n", "and not as GlobalStandard"),
    ],
    ids=["offered", "no end known", "not there", "retired", "other SKUs", "SKU of a like name"],
)
def test_a_model_that_cannot_be_deployed_stops_the_deployment(azure: Azure, answer: str, complaint: str) -> None:
    azure.say("model", answer)
    done = azure.run("check-model.sh", AZURE_LOCATION="swedencentral")
    assert complaint in done.stderr
    assert (done.returncode != 0) == bool(complaint)


def test_the_model_is_the_one_of_the_parameters_unless_the_environment_names_another(azure: Azure) -> None:
    azure.say("model", f"{IN_A_YEAR}\tGlobalStandard\n")
    said = azure.run("check-model.sh", AZURE_LOCATION="swedencentral").stdout
    parameters = (ROOT / "infra/main.parameters.json").read_text()
    name, version = said.split()[:2]
    assert f"${{CHAT_MODEL_NAME={name}}}" in parameters
    assert f"${{CHAT_MODEL_VERSION={version}}}" in parameters
    other = azure.run("check-model.sh", OPENAI_LOCATION="westus", CHAT_MODEL_NAME="other", CHAT_MODEL_VERSION="2")
    assert other.stdout.startswith("other 2 can be deployed in westus")
    assert "model.name=='other' && model.version=='2'" in azure.calls[-1]


# What a template alone does not do.
def test_the_provider_of_the_functions_subnet_is_registered_where_there_is_one(azure: Azure) -> None:
    assert azure.run("register-providers.sh", ENVIRONMENT_TYPE="dev").returncode == 0
    assert azure.calls == []
    assert azure.run("register-providers.sh", ENVIRONMENT_TYPE="prod", AZURE_SUBSCRIPTION_ID="one").returncode == 0
    assert azure.calls == ["provider register --namespace Microsoft.App --wait --subscription one"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("2026-11-01T00:00:00Z\n", "BUDGET_START_DATE=2026-11-01\n"),
        ("\n", ""),
        (None, ""),
    ],
    ids=["a budget", "a group without one", "no group"],
)
def test_the_first_day_of_a_budget_is_the_one_that_azure_knows(azure: Azure, answer: str | None, said: str) -> None:
    if answer is not None:
        azure.say("budget", answer)
    done = azure.run("budget-start.sh", AZURE_ENV_NAME="sre-copilot-prod")
    assert (done.returncode, done.stdout) == (0, said), done.stderr
    assert azure.calls[0] == "group exists --name rg-sre-copilot-prod"


def test_a_budget_that_cannot_be_asked_for_stops_the_deployment(azure: Azure) -> None:
    (azure.folder / "budget").mkdir()  # the group is there, and the answer is an error
    assert azure.run("budget-start.sh", AZURE_ENV_NAME="x").returncode != 0


# Secrets.
def test_what_a_deployment_needs_is_made_at_random_and_is_good_to_start_with(azure: Azure) -> None:
    azure.say("names", "")
    assert azure.run("secrets.sh", KEY_VAULT_NAME="kv").returncode == 0
    made = azure.vault
    assert made.keys() == {secret_name(setting) for setting in GENERATED}
    settings = {**NOWHERE, **{setting: made[secret_name(setting)] for setting in GENERATED}}
    assert Settings.read(settings).metrics_token.get_secret_value() == made["metrics-token"]
    again = azure.vault
    azure.run("secrets.sh", KEY_VAULT_NAME="kv")
    assert all(azure.vault[name] != value for name, value in again.items())


def test_no_secret_is_shown_or_handed_over_as_an_argument(azure: Azure) -> None:
    azure.say("names", "")
    done = azure.run("secrets.sh", KEY_VAULT_NAME="kv")
    told = done.stdout + done.stderr + "\n".join(azure.calls)
    assert not [name for name, value in azure.vault.items() if value.rpartition(":")[2] in told]


def test_a_secret_that_is_there_is_never_replaced(azure: Azure) -> None:
    azure.say("names", "vault-keys\nsession-keys\n")
    done = azure.run("secrets.sh", KEY_VAULT_NAME="kv")
    assert "  vault-keys: is there\n" in done.stdout
    assert azure.vault.keys() == {secret_name(setting) for setting in GENERATED} - {"vault-keys", "session-keys"}


def test_a_right_that_is_not_known_everywhere_yet_is_waited_for(azure: Azure) -> None:
    azure.say("names", "")
    azure.say("denied", "")
    assert azure.run("secrets.sh", KEY_VAULT_NAME="kv").returncode == 0
    assert len(azure.vault) == len(GENERATED)


def test_a_vault_that_cannot_be_read_gets_nothing(azure: Azure) -> None:
    azure.say("denied", "")
    done = azure.run("secrets.sh", KEY_VAULT_NAME="kv", VAULT_TRIES="1")
    assert done.returncode == 1
    assert "Forbidden by RBAC" in done.stderr
    assert "cannot be read" in done.stderr
    assert azure.vault == {}


# Rings of keys.
@pytest.mark.parametrize(
    ("step", "ring", "kids"),
    [
        ("add", "one:1,two:2", ["one", "two", "new"]),
        ("promote", "one:1,two:2,three:3", ["three", "one", "two"]),
        ("drop", "one:1,two:2", ["one"]),
    ],
)
def test_a_ring_of_keys_turns_a_step_at_a_time(azure: Azure, step: str, ring: str, kids: list[str]) -> None:
    azure.say("ring", f"{ring}\n")
    done = azure.run("rotate-key.sh", "session-keys", step, KEY_VAULT_NAME="kv")
    assert done.returncode == 0, done.stderr
    turned = dict(pair.split(":") for pair in azure.vault["session-keys"].split(","))
    assert [kid if kid in dict(p.split(":") for p in ring.split(",")) else "new" for kid in turned] == kids
    assert set(turned.items()) >= {tuple(pair.split(":")) for pair in ring.split(",")} or step == "drop"
    assert not [secret for secret in turned.values() if len(secret) > 1 and secret in done.stdout]


@pytest.mark.parametrize("setting", ["SESSION_KEYS", "INGEST_KEYS", "VAULT_KEYS", "SEALING_KEYS"])
def test_a_new_key_is_good_beside_the_old_ones(azure: Azure, setting: str) -> None:
    azure.say("ring", f"{NOWHERE[setting]}\n")
    azure.run("rotate-key.sh", secret_name(setting), "add", KEY_VAULT_NAME="kv")
    read = Settings.read({**NOWHERE, setting: azure.vault[secret_name(setting)]})
    (ring,) = (getattr(read, name) for name, field in Settings.model_fields.items() if field.alias == setting)
    assert len(ring.keys) == 2
    assert ring.newest[0] == "k1"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "is not the name of a ring"),
        (["password-pepper", "add"], "is not the name of a ring"),
        (["session-keys"], "What shall be done?"),
        (["session-keys", "drop"], "has one key only, which is in use"),
        (["session-keys", "promote"], "add one first"),
    ],
    ids=" ".join,
)
def test_a_step_that_would_harm_is_refused(azure: Azure, arguments: list[str], complaint: str) -> None:
    azure.say("ring", "one:1\n")
    done = azure.run("rotate-key.sh", *arguments, KEY_VAULT_NAME="kv")
    assert done.returncode == 1
    assert complaint in done.stderr
    assert azure.vault == {}


# Migrations.
DEPLOYED: Final = {
    "POSTGRES_HOST": "psql-x.postgres.database.azure.com",
    "POSTGRES_DATABASE": "srecopilot",
    "API_IDENTITY_PRINCIPAL_ID": "11111111-1111-1111-1111-111111111111",
    "SYSTEM_IDENTITY_PRINCIPAL_ID": "22222222-2222-2222-2222-222222222222",
    "AZURE_SUBSCRIPTION_ID": "33333333-3333-3333-3333-333333333333",
    "AZURE_RESOURCE_GROUP": "rg-x",
    "AZURE_CLIENT_ID": "whoever azd signs in as",
}


def migrated_with(azure: Azure) -> dict[str, str]:
    pairs = (line.partition("=") for line in (azure.folder / "migrated").read_text().splitlines())
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize(
    "who", [{"DATABASE_ADMIN_NAME": "ann@example.com"}, {"MIGRATION_USER": "ann@example.com"}], ids=str
)
def test_an_administrator_migrates(azure: Azure, who: dict[str, str]) -> None:
    done = azure.run("migrate.sh", **DEPLOYED, **who)
    assert done.returncode == 0, done.stderr
    told = migrated_with(azure)
    assert told["MIGRATION_USER"] == "ann@example.com"
    assert told["APP_PRINCIPAL_ID"] == DEPLOYED["API_IDENTITY_PRINCIPAL_ID"]
    assert told["SYSTEM_PRINCIPAL_ID"] == DEPLOYED["SYSTEM_IDENTITY_PRINCIPAL_ID"]
    assert "AZURE_CLIENT_ID" not in told
    assert azure.calls == []


def test_who_does_not_own_the_schema_is_told_who_does(azure: Azure) -> None:
    done = azure.run("migrate.sh", **DEPLOYED, MIGRATION_IDENTITY_NAME="id-migrate-x")
    assert done.returncode == 0
    assert "id-migrate-x owns the schema" in done.stdout
    assert not (azure.folder / "migrated").exists()


@pytest.mark.parametrize("fails", [False, True], ids=["well", "badly"])
def test_the_firewall_is_open_for_as_long_as_it_takes_however_it_ends(azure: Azure, fails: bool) -> None:
    if fails:
        azure.say("broken", "")
    done = azure.run("migrate.sh", **DEPLOYED, MIGRATION_USER="id-migrate-x", MIGRATION_ADDRESS="203.0.113.7")
    assert (done.returncode != 0) is fails
    opened, *_, closed = azure.calls
    assert opened.startswith("rest --method put --url /subscriptions/33333333-3333-3333-3333-333333333333/")
    assert '"startIpAddress": "203.0.113.7", "endIpAddress": "203.0.113.7"' in opened
    assert closed.startswith("rest --method delete")
    assert opened.split()[4] == closed.split()[4]


# The demo tenant.
@pytest.mark.parametrize(
    "settings",
    [{}, {"ENVIRONMENT_TYPE": "prod", "SEED_DEMO": "true"}, {"ENVIRONMENT_TYPE": "dev"}, {"SEED_DEMO": "true"}],
    ids=str,
)
def test_there_is_no_demo_tenant_where_it_was_not_asked_for_and_never_in_production(
    azure: Azure, settings: dict[str, str]
) -> None:
    done = azure.run("seed-demo.sh", SERVICE_API_URI="http://127.0.0.1:1/api", AZURE_ENV_NAME="x", **settings)
    assert done.returncode == 0
    assert done.stdout.startswith("No demo tenant")
