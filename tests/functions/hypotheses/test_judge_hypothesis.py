"""Checks and verdicts: what people find out counts at once, and in every later run."""

import asyncio
from typing import Any

import psycopg
import pytest

from tests.fixtures import App, StoppedClock, Tenant, opened, register
from tests.functions.incidents.near import fire
from tests.functions.services.test_import import bring_in

LATER = {"kind": "note", "at": "2026-01-02T03:04:05Z", "title": "nothing of note"}


async def analysed(app: App, tenant: Tenant) -> dict[str, Any]:
    """An incident with its hypotheses."""
    incident = await opened(app, tenant)
    await app.carry()
    return await shown(app, tenant, incident["id"])


async def shown(app: App, tenant: Tenant, incident_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await app.call("GET", f"incidents/{incident_id}/hypotheses", token=tenant.token)).json
    return found


async def judge(app: App, tenant: Tenant, one: dict[str, Any], verdict: str, reason: str = "") -> Any:
    body = {"verdict": verdict, "reason": reason}
    return await app.call("POST", f"hypotheses/{one['id']}/verdict", body, token=tenant.token)


async def check(app: App, tenant: Tenant, one: dict[str, Any], outcome: str) -> Any:
    return await app.call("POST", f"hypotheses/{one['id']}/check", {"outcome": outcome}, token=tenant.token)


async def events(app: App, tenant: Tenant, incident_id: str, type_: str) -> list[dict[str, Any]]:
    answer = await app.call("GET", f"incidents/{incident_id}/timeline?limit=200", token=tenant.token)
    return [one for one in answer.json["items"] if one["type"] == type_]


def about(found: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """The hypothesis of a run that is about the same cause."""
    key = (one["component"], one["cause_code"])
    (same,) = [each for each in found["items"] if (each["component"], each["cause_code"]) == key]
    return dict(same)


def adds_up(found: dict[str, Any]) -> bool:
    return all(
        abs(sum(factor["contribution"] for factor in one["factors"]) - one["confidence_score"]) < 1e-9
        for one in found["items"]
    )


async def test_a_check_that_supports_lifts_a_hypothesis_over_its_rivals(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant)
    second = found["items"][1]
    after = (await check(app, tenant, second, "supports")).json
    assert after["run"] == found["run"]
    assert after["items"][0]["id"] == second["id"]
    assert after["items"][0]["confidence_score"] > second["confidence_score"]
    assert about(after, found["items"][0])["confidence_score"] < found["items"][0]["confidence_score"]
    assert [one["rank"] for one in after["items"]] == list(range(1, len(after["items"]) + 1))
    assert adds_up(after)
    assert after["items"][0]["checked"]["by"] == tenant.email
    assert await shown(app, tenant, found["incident_id"]) == after


async def test_a_check_that_refutes_takes_nearly_everything_away(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant)
    first = found["items"][0]
    after = (await check(app, tenant, first, "refutes")).json
    refuted = about(after, first)
    assert refuted["confidence_score"] < first["confidence_score"] / 5
    assert refuted["rank"] > 1
    assert adds_up(after)


async def test_a_check_that_told_nothing_moves_nothing_and_a_second_one_replaces_the_first(
    app: App, tenant: Tenant
) -> None:
    found = await analysed(app, tenant)
    first = found["items"][0]
    unclear = (await check(app, tenant, first, "unclear")).json
    assert unclear["items"][0]["confidence_score"] == pytest.approx(first["confidence_score"])
    await check(app, tenant, first, "refutes")
    again = (await check(app, tenant, first, "unclear")).json
    assert again["items"][0]["confidence_score"] == pytest.approx(first["confidence_score"])


async def test_a_check_is_on_the_timeline_and_makes_the_page_live_once(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant)
    for _ in range(2):
        await check(app, tenant, found["items"][0], "supports")
    (told,) = await events(app, tenant, found["incident_id"], "hypothesis.checked")
    assert told["changes"] == {"check": [None, "supports"]}
    assert len(await events(app, tenant, found["incident_id"], "hypothesis.generated")) == 2


async def test_a_check_tells_the_pages_of_all_incidents_that_share_the_hypotheses(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await bring_in(app, tenant, {"services": [{"name": "cart", "depends_on": ["db"]}, {"name": "db"}]})
    first, second = await fire(app, tenant, "db"), await fire(app, tenant, "cart")
    await app.carry()
    found = await shown(app, tenant, second["id"])
    await check(app, tenant, found["items"][0], "supports")
    told = await owner.execute(
        "select data from event_log where tenant_id = %s and type = 'hypothesis.generated' order by position",
        (tenant.tenant_id,),
    )
    for (data,) in await told.fetchall():
        assert (data["incident_id"], data["count"]) == (first["id"], len(found["items"]))
        assert sorted(data["together"]) == sorted([first["id"], second["id"]])


async def test_a_confirmed_cause_leads_and_another_takes_its_place(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant)
    second, third = found["items"][1:3]
    after = (await judge(app, tenant, second, "confirmed", "seen in the log")).json
    assert after["items"][0]["id"] == second["id"]
    verdict = after["items"][0]["verdict"]
    assert (verdict["verdict"], verdict["reason"], verdict["by"]) == ("confirmed", "seen in the log", tenant.email)
    after = (await judge(app, tenant, third, "confirmed")).json
    assert after["items"][0]["id"] == third["id"]
    assert about(after, second)["verdict"] is None
    assert adds_up(after)
    changes = [one["changes"] for one in await events(app, tenant, found["incident_id"], "hypothesis.judged")]
    assert changes == [
        {"verdict": [None, "confirmed"]},
        {"verdict": ["confirmed", None]},
        {"verdict": [None, "confirmed"]},
    ]


async def test_a_rejection_needs_a_reason_and_puts_a_hypothesis_last(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant)
    first = found["items"][0]
    refused = await judge(app, tenant, first, "rejected", "  ")
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "reason")
    after = (await judge(app, tenant, first, "rejected", "the release was rolled back long before")).json
    assert after["items"][-1]["id"] == first["id"]
    assert after["items"][-1]["confidence_score"] == pytest.approx(0)
    assert after["lead"] is None or after["lead"]["cause_code"] != first["cause_code"]


async def test_what_people_said_carries_over_to_later_runs(app: App, tenant: Tenant, clock: StoppedClock) -> None:
    found = await analysed(app, tenant)
    first, second, third = found["items"][:3]
    await judge(app, tenant, first, "rejected", "it is another one")
    await judge(app, tenant, second, "confirmed")
    await check(app, tenant, third, "refutes")
    path = f"incidents/{found['incident_id']}/evidence"
    clock.advance(seconds=30)
    await app.call("POST", path, {"items": [LATER]}, token=tenant.token)
    await app.carry()
    later = await shown(app, tenant, found["incident_id"])
    assert later["run"] == found["run"] + 1
    assert about(later, second)["rank"] == 1
    assert about(later, second)["verdict"]["verdict"] == "confirmed"
    assert about(later, first)["rank"] == len(later["items"])
    assert adds_up(later)
    said = {(one["component"], one["cause_code"]): one for one in later["judgements"]}
    assert said[third["component"], third["cause_code"]]["checked"]["outcome"] == "refutes"


async def test_of_two_who_confirm_at_once_one_wins(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant)
    answers = await asyncio.gather(*(judge(app, tenant, one, "confirmed") for one in found["items"][:3]))
    assert [answer.status for answer in answers] == [200, 200, 200]
    after = await shown(app, tenant, found["incident_id"])
    assert [one["rank"] for one in after["items"] if one["verdict"]] == [1]


async def test_anothers_hypothesis_is_missing(app: App, tenant: Tenant) -> None:
    found = await analysed(app, tenant)
    stranger = await register(app)
    for answer in (
        await judge(app, stranger, found["items"][0], "confirmed"),
        await check(app, stranger, found["items"][0], "supports"),
    ):
        assert (answer.status, answer.json["title"]) == (404, "Hypothesis not found.")
