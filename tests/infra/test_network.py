"""What is private can be reached from the functions' network, by name, and from nowhere else."""

from ipaddress import IPv4Network
from itertools import combinations
from typing import Any, Final

import pytest

from scripts.infra_check.evaluate import UNKNOWN, Evaluation
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


def security_rules(given: Evaluation) -> list[dict[str, Any]]:
    rules = below(template("network").resources["securityGroup"].body, "properties.securityRules")
    assert rules is not None
    found: list[dict[str, Any]] = given.of(rules)
    return found


def admitted(given: Evaluation) -> list[str]:
    """Whom the endpoints answer."""
    found: list[str] = security_rules(given)[0]["properties"]["sourceAddressPrefixes"]
    return found


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
    app, own, runners = inside("network", "prod").of(subnets)
    assert app["properties"]["delegations"][0]["properties"]["serviceName"] == "Microsoft.App/environments"
    assert "delegations" not in own["properties"]
    assert len({one["properties"]["addressPrefix"] for one in (app, own, runners)}) == 3


def test_a_runner_has_a_subnet_unless_there_shall_be_none_and_gets_in_from_there() -> None:
    subnets = below(template("network").resources["virtualNetwork"].body, "properties.subnets")
    assert subnets is not None
    assert [one["name"] for one in inside("network", "prod").of(subnets)] == ["app", "endpoints", "runners"]
    bare = inside("network", "prod").with_values(runnerSubnetPrefix="")
    assert [one["name"] for one in bare.of(subnets)] == ["app", "endpoints"]
    assert admitted(bare) == [environment("prod")["appSubnetPrefix"]]


def test_the_subnets_are_in_the_network_and_overlap_in_nothing() -> None:
    values = environment("prod")
    names = ("appSubnetPrefix", "endpointSubnetPrefix", "runnerSubnetPrefix")
    subnets = [IPv4Network(values[name]) for name in names]
    assert all(subnet.subnet_of(IPv4Network(values["virtualNetworkPrefix"])) for subnet in subnets)
    assert not [pair for pair in combinations(subnets, 2) if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize(("name", "ranges"), [("dev", ["azure-services"]), ("prod", [])])
def test_the_database_s_firewall_lets_in_azure_only_where_there_is_no_network(name: str, ranges: list[str]) -> None:
    given = main().modules["postgres"].arguments["firewallRanges"]
    assert [one["name"] for one in environment(name).of(given)] == ranges


def test_the_ports_of_the_network_are_those_of_the_services() -> None:
    ports = {text_of(one).strip("'") for one in walk(template("network").root) if one.type == "string"}
    outputs = {template(name).outputs["port"] for name in ("postgres", "redis")}
    numbers = {text_of(node) for port in outputs for node in walk(port) if node.type == "number"}
    assert numbers <= ports


def test_the_endpoints_answer_the_functions_the_runner_and_named_networks_alone() -> None:
    values = environment("prod")
    assert admitted(inside("network", "prod")) == [values["appSubnetPrefix"], values["runnerSubnetPrefix"]]
    deny = security_rules(inside("network", "prod"))[1]
    assert (deny["properties"]["access"], deny["properties"]["sourceAddressPrefix"]) == ("Deny", "*")
