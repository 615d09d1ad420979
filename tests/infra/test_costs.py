"""The table of costs is what prices and amounts come to, and the amounts are those of what is deployed."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from croniter import croniter

from functions import declarations
from functions.timers import Timer
from scripts.infra_check.costs import COSTS, Costs
from scripts.infra_check.template import text_of
from tests.infra.templates import INFRA, environment, inside, main, template

TABLE: Final = list(Costs.read(COSTS).table())
MONTH: Final = 730 * 3_600  # seconds
FREE_RUNS: Final = 250_000
FREE_GB_SECONDS: Final = 100_000


def test_the_readme_says_what_the_amounts_come_to() -> None:
    assert "\n".join(TABLE) in (INFRA / "README.md").read_text()


def test_every_price_is_used_and_says_where_it_is_from() -> None:
    costs = Costs.read(COSTS)
    used = {sold for part in costs.parts for amounts in part.amounts.values() for sold in amounts}
    assert used == set(costs.prices)
    assert [part.name for part in costs.parts if set(part.amounts) != set(costs.scenarios)] == []


def amounts(part: str, scenario: str) -> dict[str, float]:
    costs = Costs.read(COSTS)
    return dict(next(one for one in costs.parts if one.name == part).amounts[scenario])


def test_timers_run_as_often_as_is_paid_for() -> None:
    begin = datetime(2026, 11, 2, tzinfo=UTC)
    day = timedelta(days=1)
    runs = 0
    for one in declarations():
        if isinstance(one, Timer):
            seconds, *fields = one.schedule.split()
            schedule = croniter(" ".join([*fields, seconds]), begin)
            while schedule.get_next(datetime) <= begin + day:
                runs += 1
    monthly = runs * MONTH / day.total_seconds()
    paid = amounts("Functions", "dev")
    # At least a second of an instance's 2 GB each, which is what a run is billed for.
    assert paid["functions: on demand, GB s"] == pytest.approx(monthly * 2 - FREE_GB_SECONDS, rel=0.02)
    assert paid["functions: million executions"] == pytest.approx((monthly - FREE_RUNS) / 1e6, rel=0.02)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_sizes_are_those_that_are_deployed(name: str) -> None:
    values = environment(name)
    servers = 2 if values["postgresHaMode"] == "ZoneRedundant" else 1
    assert amounts("PostgreSQL", name) == {
        f"postgres: {values['postgresSkuName']}, hour": servers * 730,
        "postgres: storage, GB": servers * values["postgresStorageGb"],
    }
    replica = " with a replica" if values["redisHighAvailability"] == "Enabled" else ""
    assert set(amounts("Managed Redis", name)) == {f"redis: {values['redisSkuName']}{replica}"}
    assert bool(amounts("Web PubSub", name)) is (values["webPubSubSku"] == "Standard_S1")
    assert values["monthlyBudget"] > Costs.read(COSTS).total(name)
    assert values["instanceMemoryMB"] == 2048


def test_endpoints_and_zones_are_counted() -> None:
    endpoints = environment("prod").of(main().modules["privateEndpoints"].arguments["services"])
    zones = main().modules["network"].arguments["zoneNames"].named_children
    assert amounts("Private endpoints and zones", "prod") == {
        "network: private endpoint": len(endpoints),
        "network: private DNS zone": len(zones),
    }


def test_alert_rules_are_counted() -> None:
    rules = inside("alerts", "prod")
    single = [
        one for one in template("alerts").resources.values() if one.type.endswith("metricAlerts") and not one.items
    ]
    told = amounts("Logs, traces, alert rules", "prod")
    assert told["alerts: metric rule"] == len(rules["metricRules"]) + len(single)
    assert told["alerts: log rule"] == len(rules["logRules"])


def test_the_model_that_is_paid_for_is_the_one_that_is_deployed() -> None:
    paid = amounts("Language model", "prod at 1 M alerts a day")
    assert all(f"model: {environment('prod')['chatModelName']}," in sold for sold in paid)
    assert text_of(main().modules["openAi"].arguments["modelName"]) == "chatModelName"
