"""People of one tenant, each in a role."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from scripts.proof.functions import Response
from tests.fixtures import PASSWORD, App, Tenant


@dataclass(frozen=True)
class Person:
    user_id: str
    email: str
    token: str


async def invited(app: App, tenant: Tenant, role: str) -> Person:
    """Invite somebody to the tenant's project, who accepts."""
    email = f"{uuid4().hex[:12]}@example.com"
    made = await app.call("POST", "invitations", {"email": email, "role": role}, token=tenant.token)
    answer = await accepted(app, made.json["token"])
    return Person(user_id=answer.json["user_id"], email=email, token=answer.json["access_token"])


async def accepted(app: App, link_token: str, **changes: Any) -> Response:
    body = {"token": link_token, "name": "Nora Newcomer", "password": PASSWORD} | changes
    return await app.call("POST", "invitations/accept", body)
