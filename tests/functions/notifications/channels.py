"""What the tests of notifications share."""

from typing import Any

from tests.fixtures import App, Tenant, sign_in_again
from tests.functions.notifications.receiver import Receiver


async def make(app: App, tenant: Tenant, receiver: Receiver, **given: Any) -> str:
    body = {"name": "ops", "config": {"kind": "webhook", "url": receiver.url}, **given}
    answer = await app.call("POST", "notification-channels", body, token=tenant.token)
    assert answer.status == 201, answer.content
    return str(answer.json["id"])


async def log_of(app: App, tenant: Tenant, channel: str, query: str = "") -> list[dict[str, Any]]:
    tenant = await sign_in_again(app, tenant)
    answer = await app.call("GET", f"notification-channels/{channel}/deliveries{query}", token=tenant.token)
    assert answer.status == 200, answer.content
    found: list[dict[str, Any]] = answer.json["items"]
    return found
