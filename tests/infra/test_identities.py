"""Every client has the role that it needs at the one resource that it uses, and nobody has more."""

import ast
from typing import Final, NamedTuple

import pytest

from scripts.infra_check.policy import ROLES
from scripts.infra_check.template import below, members, plain, text_of, walk
from tests.infra.templates import ROOT, main, template, templates


class Need(NamedTuple):
    """What a client needs: a role, at a resource of a type, in a module."""

    role: str
    at: str
    module: str


NEEDS: Final = {
    "azure.storage.blob": Need("Storage Blob Data Owner", "Microsoft.Storage/storageAccounts", "storage"),
    "azure.storage.queue": Need("Storage Queue Data Contributor", "Microsoft.Storage/storageAccounts", "storage"),
    "azure.data.tables": Need("Storage Table Data Contributor", "Microsoft.Storage/storageAccounts", "storage"),
    "azure.messaging.webpubsubservice": Need(
        "Web PubSub Service Owner", "Microsoft.SignalRService/webPubSub", "webpubsub"
    ),
    "azure.keyvault.secrets": Need("Key Vault Secrets User", "Microsoft.KeyVault/vaults", "keyvault"),
    "azure.monitor.opentelemetry": Need("Monitoring Metrics Publisher", "Microsoft.Insights/components", "monitoring"),
    "openai": Need("Cognitive Services OpenAI User", "Microsoft.CognitiveServices/accounts", "openai"),
}
NEED_NO_ROLE: Final = {"azure.core", "azure.functions", "azure.identity"}
# Not for a client of the functions: who deploys puts secrets in.
OF_PEOPLE: Final = {"Key Vault Secrets Officer"}


def imported() -> set[str]:
    """Every module that the application imports, wherever in a file."""
    found: set[str] = set()
    for path in [ROOT / "function_app.py", *(ROOT / "functions").rglob("*.py"), *(ROOT / "shared").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
            elif isinstance(node, ast.Import):
                found |= {one.name for one in node.names}
    return found


def is_of(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def test_every_client_of_azure_is_known_here() -> None:
    clients = {module for module in imported() if is_of(module, "azure") or is_of(module, "openai")}
    unknown = {one for one in clients if not any(is_of(one, known) for known in {*NEEDS, *NEED_NO_ROLE})}
    unused = {known for known in NEEDS if not any(is_of(one, known) for one in clients)}
    assert (unknown, unused) == (set(), set())


@pytest.mark.parametrize("client", NEEDS)
def test_a_client_has_its_role_at_the_resource_that_it_uses(client: str) -> None:
    need = NEEDS[client]
    found = template(need.module)
    guid = next(guid for guid, role in ROLES.items() if role == need.role)
    assert any(node.type == "string" and plain(node) == guid for node in walk(found.root))
    scopes = {
        found.resources[text_of(scope)].type
        for one in found.resources.values()
        if one.type == "Microsoft.Authorization/roleAssignments" and (scope := below(one.body, "scope")) is not None
    }
    assert scopes == {need.at}


def test_there_is_no_role_that_nobody_needs() -> None:
    given = {
        ROLES[plain(node)]
        for one in templates().values()
        for node in walk(one.root)
        if node.type == "string" and plain(node) in ROLES
    }
    assert given == {need.role for need in NEEDS.values()} | OF_PEOPLE


def uses_of(identity: str, output: str) -> set[str]:
    """Which modules get an output of an identity."""
    wanted = f"{identity}.outputs.{output}"
    return {
        name
        for name, module in main().modules.items()
        if any(node.type == "member_expression" and text_of(node) == wanted for node in walk(module.body))
    }


def test_the_functions_run_as_two_identities_and_never_as_the_owner_of_the_schema() -> None:
    identity = below(template("functionapp").resources["app"].body, "identity.userAssignedIdentities")
    assert identity is not None
    assert set(members(identity)) == {"${apiIdentityId}", "${systemIdentityId}"}
    assert uses_of("migrationIdentity", "id") == set()
    assert uses_of("migrationIdentity", "principalId") == {"postgres"}


def test_the_system_s_identity_is_for_the_database_alone() -> None:
    assert uses_of("systemIdentity", "principalId") == set()
    assert uses_of("systemIdentity", "id") == {"functionApp"}


def test_redis_lets_in_the_functions_and_nobody_by_key() -> None:
    access = template("redis").resources["access"]
    assert access.type.endswith("accessPolicyAssignments")
    assert uses_of("apiIdentity", "principalId") >= {"redis"}


def test_nobody_signs_in_as_the_migration_identity_until_somebody_names_them() -> None:
    federation = template("identity").resources["federation"]
    assert federation.condition is not None
    default = template("identity").parameters["federatedSubject"].default
    assert default is not None
    assert text_of(default) == "''"
