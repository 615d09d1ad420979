"""The map: every service, every call, and what is open where."""

from tests.fixtures import App, Tenant, register
from tests.functions.incidents.near import fire
from tests.functions.services.test_import import bring_in


async def test_the_map_shows_calls_and_open_incidents(app: App, tenant: Tenant) -> None:
    await bring_in(app, tenant, {"services": [{"name": "web", "depends_on": ["checkout"]}]})
    for alert, severity in (("A", "low"), ("B", "critical")):
        await fire(app, tenant, "checkout", alertname=alert, severity=severity)
    shown = (await app.call("GET", "service-map", token=tenant.token)).json
    nodes = {one["name"]: one for one in shown["nodes"]}
    assert (nodes["checkout"]["open_incidents"], nodes["checkout"]["worst_severity"]) == (2, "critical")
    assert (nodes["web"]["open_incidents"], nodes["web"]["worst_severity"]) == (0, None)
    assert [(one["caller"], one["callee"], one["source"]) for one in shown["edges"]] == [("web", "checkout", "import")]
    assert {nodes["web"]["id"], nodes["checkout"]["id"]} == {
        shown["edges"][0]["caller_id"],
        shown["edges"][0]["callee_id"],
    }


async def test_what_is_closed_is_not_counted(app: App, tenant: Tenant) -> None:
    await bring_in(app, tenant, {"services": [{"name": "checkout"}]})
    incident = await fire(app, tenant, "checkout")
    body = {"to": "resolved", "note": "done"}
    await app.call("POST", f"incidents/{incident['id']}/transitions", body, token=tenant.token)
    (node,) = (await app.call("GET", "service-map", token=tenant.token)).json["nodes"]
    assert node["open_incidents"] == 0


async def test_another_tenant_sees_its_own_map(app: App, tenant: Tenant) -> None:
    await bring_in(app, tenant, {"services": [{"name": "checkout"}]})
    other = await register(app)
    assert (await app.call("GET", "service-map", token=other.token)).json == {"nodes": [], "edges": []}
