"""What is private can be reached from the functions' network, by name, and from nowhere else."""

from typing import Final

import pytest

from scripts.infra_check.evaluate import UNKNOWN
from scripts.infra_check.template import below, members, plain, text_of, walk
from tests.infra.templates import environment, inside, is_deployed, main, property_of, template, templates

# A service's parts that have an endpoint each, by the module that makes it.
GROUPS: Final = {
    "storage": {"blob", "queue", "table"},
    "keyVault": {"vault"},
    "postgres": {"postgresqlServer"},
    "redis": {"redisEnterprise"},
    "webPubSub": {"webpubsub"},
    "openAi": {"account"},
}
# https://learn.microsoft.com/azure/private-link/private-endpoint-dns
ZONES: Final = {
    "blob": "zone.blob",
    "queue": "zone.queue",
    "table": "zone.table",
    "vault": "zone.vault",
    "postgresqlServer": "zone.postgres",
    "redisEnterprise": "zone.redis",
    "webpubsub": "zone.webPubSub",
    "account": "zone.openAi",
}
ACCESS: Final = {
    "storage": ("storage", "properties.publicNetworkAccess"),
    "keyVault": ("vault", "properties.publicNetworkAccess"),
    "postgres": ("server", "properties.network.publicNetworkAccess"),
    "redis": ("cluster", "properties.publicNetworkAccess"),
    "openAi": ("account", "properties.publicNetworkAccess"),
}
DENY: Final = {
    "storage": ("storage", "properties.networkAcls.defaultAction"),
    "keyVault": ("vault", "properties.networkAcls.defaultAction"),
    "openAi": ("account", "properties.networkAcls.defaultAction"),
}


def endpoints() -> dict[str, tuple[str, str]]:
    """By group, the expression of the service's id and that of the zone."""
    services = main().modules["privateEndpoints"].arguments["services"]
    given = [members(node) for node in walk(services) if node.type == "object"]
    return {plain(one["group"]): (text_of(one["serviceId"]), text_of(one["zoneName"])) for one in given}


def zones_of_the_network() -> set[str]:
    return {text_of(one) for one in main().modules["network"].arguments["zoneNames"].named_children}


def test_every_private_service_has_an_endpoint_and_a_zone_for_each_part() -> None:
    ids = {"openAi": "openAiId"}
    wanted = {
        group: (ids.get(module, f"{module}.outputs.id"), ZONES[group])
        for module, groups in GROUPS.items()
        for group in groups
    }
    assert endpoints() == wanted
    assert zones_of_the_network() == set(ZONES.values())


def test_no_service_with_a_switch_for_public_access_is_forgotten() -> None:
    switched = {
        name
        for name, module in main().modules.items()
        if "publicNetworkAccess" in templates()[main().module_path(module)].parameters
    }
    assert switched == set(ACCESS)


@pytest.mark.parametrize("module", ACCESS)
def test_prod_is_private_and_dev_is_not(module: str) -> None:
    resource, path = ACCESS[module]
    assert {name: property_of(module, resource, path, name) for name in ("dev", "prod")} == {
        "dev": "Enabled",
        "prod": "Disabled",
    }


@pytest.mark.parametrize("module", DENY)
def test_prod_refuses_whom_no_rule_admits(module: str) -> None:
    resource, path = DENY[module]
    assert property_of(module, resource, path, "prod") == "Deny"


@pytest.mark.parametrize("module", ["network", "privateEndpoints"])
def test_endpoints_and_network_are_there_where_services_are_private(module: str) -> None:
    assert (is_deployed(module, "dev"), is_deployed(module, "prod")) == (False, True)


def test_a_model_from_elsewhere_gets_no_endpoint() -> None:
    services = main().modules["privateEndpoints"].arguments["services"]
    bare = environment("prod").with_values(deployOpenAi=False)
    assert {one["group"] for one in bare.of(services)} == set(ZONES) - {"account"}


def test_only_the_network_publishes_to_web_pubsub_and_browsers_still_connect() -> None:
    denied = "properties.networkACLs.publicNetwork.deny"
    assert property_of("webPubSub", "service", denied, "prod") == ["ServerConnection", "RESTAPI", "Trace"]
    assert property_of("webPubSub", "service", denied, "dev") == []


def test_the_functions_are_in_the_network_exactly_where_there_is_one() -> None:
    assert environment("dev").of(main().modules["functionApp"].arguments["subnetId"]) == ""
    assert environment("prod").of(main().modules["functionApp"].arguments["subnetId"]) is UNKNOWN


def test_the_functions_subnet_is_flex_consumption_s_and_has_no_endpoints_in_it() -> None:
    subnets = below(template("network").resources["virtualNetwork"].body, "properties.subnets")
    assert subnets is not None
    app, own = (inside("network", "prod").of(one) for one in subnets.named_children)
    assert app["properties"]["delegations"][0]["properties"]["serviceName"] == "Microsoft.App/environments"
    assert "delegations" not in own["properties"]
    assert app["properties"]["addressPrefix"] != own["properties"]["addressPrefix"]


@pytest.mark.parametrize(("name", "ranges"), [("dev", ["azure-services"]), ("prod", [])])
def test_the_database_s_firewall_lets_in_azure_only_where_there_is_no_network(name: str, ranges: list[str]) -> None:
    given = main().modules["postgres"].arguments["firewallRanges"]
    assert [one["name"] for one in environment(name).of(given)] == ranges


def test_the_ports_of_the_network_are_those_of_the_services() -> None:
    ports = {text_of(one).strip("'") for one in walk(template("network").root) if one.type == "string"}
    outputs = {template(name).outputs["port"] for name in ("postgres", "redis")}
    numbers = {text_of(node) for port in outputs for node in walk(port) if node.type == "number"}
    assert numbers <= ports


def test_the_endpoints_answer_the_functions_and_named_networks_alone() -> None:
    rules = below(template("network").resources["securityGroup"].body, "properties.securityRules")
    assert rules is not None
    allow, deny = inside("network", "prod").of(rules)
    assert allow["properties"]["sourceAddressPrefixes"] == [environment("prod")["appSubnetPrefix"]]
    assert (deny["properties"]["access"], deny["properties"]["sourceAddressPrefix"]) == ("Deny", "*")
