"""What must hold whatever the types allow: no keys, no passwords, TLS, private by default, narrow roles."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from tree_sitter import Node

from scripts.infra_check.evaluate import Evaluation
from scripts.infra_check.template import Finding, Resource, Template, below, plain, text_of, walk

# Built-in roles that may be assigned (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles).
ROLES: Final[Mapping[str, str]] = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "12cf5a90-567b-43ae-8102-96cf46c7d9b4": "Web PubSub Service Owner",
    "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd": "Cognitive Services OpenAI User",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
}

# Literal text, or a parameter whose default is that: a module is safe unless somebody says otherwise.
MUST: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "Microsoft.Storage/storageAccounts": {
        "properties.allowSharedKeyAccess": frozenset({"false"}),
        "properties.allowBlobPublicAccess": frozenset({"false"}),
        "properties.minimumTlsVersion": frozenset({"'TLS1_2'", "'TLS1_3'"}),
        "properties.supportsHttpsTrafficOnly": frozenset({"true"}),
        "properties.publicNetworkAccess": frozenset({"'Disabled'"}),
        "properties.networkAcls.defaultAction": frozenset({"'Deny'"}),
    },
    "Microsoft.Storage/storageAccounts/blobServices/containers": {
        "properties.publicAccess": frozenset({"'None'"}),
    },
    "Microsoft.KeyVault/vaults": {
        "properties.enableRbacAuthorization": frozenset({"true"}),
        "properties.enablePurgeProtection": frozenset({"true"}),
        "properties.publicNetworkAccess": frozenset({"'Disabled'"}),
        "properties.networkAcls.defaultAction": frozenset({"'Deny'"}),
    },
    "Microsoft.CognitiveServices/accounts": {
        "properties.disableLocalAuth": frozenset({"true"}),
        "properties.publicNetworkAccess": frozenset({"'Disabled'"}),
        "properties.networkAcls.defaultAction": frozenset({"'Deny'"}),
    },
    "Microsoft.SignalRService/webPubSub": {
        "properties.disableLocalAuth": frozenset({"true"}),
        "properties.disableAadAuth": frozenset({"false"}),
    },
    "Microsoft.SignalRService/webPubSub/hubs": {
        "properties.anonymousConnectPolicy": frozenset({"'deny'"}),
    },
    "Microsoft.DBforPostgreSQL/flexibleServers": {
        "properties.authConfig.passwordAuth": frozenset({"'Disabled'"}),
        "properties.authConfig.activeDirectoryAuth": frozenset({"'Enabled'"}),
        "properties.network.publicNetworkAccess": frozenset({"'Disabled'"}),
    },
    "Microsoft.Cache/redisEnterprise": {
        "properties.minimumTlsVersion": frozenset({"'1.2'"}),
        "properties.publicNetworkAccess": frozenset({"'Disabled'"}),
    },
    "Microsoft.Cache/redisEnterprise/databases": {
        "properties.accessKeysAuthentication": frozenset({"'Disabled'"}),
        "properties.clientProtocol": frozenset({"'Encrypted'"}),
    },
    "Microsoft.Insights/components": {"properties.DisableLocalAuth": frozenset({"true"})},
    "Microsoft.OperationalInsights/workspaces": {"properties.features.disableLocalAuth": frozenset({"true"})},
    "Microsoft.Web/serverfarms": {"properties.zoneRedundant": frozenset({"true"})},
    "Microsoft.Web/sites": {
        "properties.httpsOnly": frozenset({"true"}),
        "properties.siteConfig.minTlsVersion": frozenset({"'1.2'", "'1.3'"}),
    },
    "Microsoft.Authorization/roleAssignments": {
        "scope": frozenset(),  # whatever it is, it is a resource: without one it would be the whole group
        "properties.principalType": frozenset({"'ServicePrincipal'", "'User'"}),
    },
}

# What has to be there first, where the other order works too: a database that is older is nobody's to migrate.
_AFTER: Final = {
    "Microsoft.DBforPostgreSQL/flexibleServers/databases": "Microsoft.DBforPostgreSQL/flexibleServers/administrators",
}
_RETIRED: Final = {"Microsoft.Cache/redis": "closed to new tenants; use Microsoft.Cache/redisEnterprise"}
# Flex Consumption refuses these, or ignores them in silence.
FORBIDDEN_SETTINGS: Final = frozenset(
    {
        "FUNCTIONS_WORKER_RUNTIME",
        "FUNCTIONS_WORKER_RUNTIME_VERSION",
        "FUNCTIONS_EXTENSION_VERSION",
        "FUNCTIONS_MAX_HTTP_CONCURRENCY",
        "FUNCTIONS_WORKER_PROCESS_COUNT",
        "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED",
        "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
        "WEBSITE_CONTENTOVERVNET",
        "WEBSITE_CONTENTSHARE",
        "WEBSITE_DNS_SERVER",
        "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT",
        "WEBSITE_NODE_DEFAULT_VERSION",
        "WEBSITE_RUN_FROM_PACKAGE",
        "WEBSITE_TIME_ZONE",
        "WEBSITE_VNET_ROUTE_ALL",
        "ENABLE_ORYX_BUILD",
        "SCM_DO_BUILD_DURING_DEPLOYMENT",
        "TZ",
    }
)
# Of a site it refuses these in some regions: what runs and how it scales is in functionAppConfig.
_FORBIDDEN: Final[Mapping[str, frozenset[str]]] = {
    "Microsoft.Web/sites": frozenset(
        {
            "alwaysOn",
            "ftpsState",
            "functionsRuntimeScaleMonitoringEnabled",
            "linuxFxVersion",
            "netFrameworkVersion",
            "preWarmedInstanceCount",
            "use32BitWorkerProcess",
            "windowsFxVersion",
        }
    ),
    "Microsoft.Web/sites/config": FORBIDDEN_SETTINGS,
}
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEYS: Final = re.compile(
    r"\.?list(Keys|Secrets|AccountSas|ServiceSas|Credentials)?\(|(primary|secondary)(Key|ConnectionString)|"
    r"AccountKey=|SharedAccessSignature|getSecret\("
)
_SECRET_NAME: Final = re.compile(r"password|secret|apikey|accesskey|connectionstring", re.IGNORECASE)
_PASSWORDS: Final = frozenset({"administratorLogin", "administratorLoginPassword"})


def check_policy(template: Template) -> Iterator[Finding]:
    """What a template says against the rules of this module."""
    for resource in template.resources.values():
        yield from _check_resource(template, resource)
    for module in template.modules.values():
        if ":" in module.source:
            yield template.finding(module.node, f"module {module.name} is of a registry, which cannot be checked here")
    for node in walk(template.root):
        if node.type == "string":
            yield from _check_string(template, node)
        elif node.type == "object_property" and plain(node.named_children[0]) in _PASSWORDS:
            yield template.finding(node, "the database has no password: Entra alone")
        elif node.type == "call_expression" and _KEYS.search(text_of(node)):
            yield template.finding(node, f"a key is read: {text_of(node)[:60]}")
    for name, value in template.outputs.items():
        if _SECRET_NAME.search(name) or _KEYS.search(text_of(value)):
            yield template.finding(value, f"output {name} is a secret, or is called like one")


def _check_resource(template: Template, resource: Resource) -> Iterator[Finding]:
    if resource.type in _RETIRED:
        yield template.finding(resource.node, f"{resource.name}: {_RETIRED[resource.type]}")
    if not resource.is_existing:
        yield from _check_must(template, resource)
    if (first := _AFTER.get(resource.type)) and first not in _awaited(template, resource):
        yield template.finding(resource.node, f"{resource.name} does not wait for {first}")
    forbidden = _FORBIDDEN.get(resource.type, frozenset())
    for node in walk(resource.body):
        if node.type == "object_property" and (name := plain(node.named_children[0])) in forbidden:
            yield template.finding(node, f"{name} is not for Flex Consumption")
    if resource.type == "Microsoft.Insights/diagnosticSettings" and _is_of_site(template, resource):
        yield template.finding(resource.node, "Flex Consumption has no diagnostic settings of the site")


def _check_must(template: Template, resource: Resource) -> Iterator[Finding]:
    for path, right in MUST.get(resource.type, {}).items():
        value = below(resource.body, path)
        if value is None:
            yield template.finding(resource.node, f"{resource.name}: {path} is missing")
        elif right and (said := _unless_told(template, value)) not in right:
            yield template.finding(value, f"{resource.name}: {path} is {said}, and not {' or '.join(sorted(right))}")


def _awaited(template: Template, resource: Resource) -> set[str]:
    """The types of what a resource names in dependsOn."""
    named = below(resource.body, "dependsOn")
    names = [text_of(one) for one in named.named_children] if named is not None else []
    return {template.resources[name].type for name in names if name in template.resources}


def _is_of_site(template: Template, resource: Resource) -> bool:
    scope = below(resource.body, "scope")
    target = template.resources.get(text_of(scope)) if scope is not None else None
    return target is not None and target.type == "Microsoft.Web/sites"


def _unless_told(template: Template, value: Node) -> str:
    """What a value is while nobody says otherwise: a parameter's default, else what is written."""
    if value.type == "ternary_expression":
        condition, then, otherwise = value.named_children
        return _unless_told(template, then if Evaluation(template, {}).of(condition) is True else otherwise)
    parameter = template.parameters.get(text_of(value)) if value.type == "identifier" else None
    return text_of(parameter.default) if parameter is not None and parameter.default is not None else text_of(value)


def _check_string(template: Template, node: Node) -> Iterator[Finding]:
    said = plain(node)
    if _GUID.fullmatch(said) and said not in ROLES:
        yield template.finding(node, f"{said} is no role that may be assigned")
    if "@Microsoft.KeyVault(" in said:
        yield template.finding(node, "references to the vault fail once it is private: the app reads it by itself")
    if "AccountKey=" in said or "SharedAccessKey=" in said:
        yield template.finding(node, "a key in a connection string")
