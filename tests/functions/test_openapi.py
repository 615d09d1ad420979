"""The document is true: what the adapter may answer is described, also when limits are reached and stores are away."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from functions.http import Admission, Endpoint
from functions.openapi import document, endpoints
from functions.operations import creates_once, takes_version
from functions.problems import type_of
from functions.subscriptions import ROUTES
from scripts.proof.examples import JSON_BODY, example_bytes
from shared.kernel.errors import DomainError
from shared.kernel.values import Permission
from shared.platform.ratelimit import Limits
from shared.platform.runtime import Runtime
from tests.fixtures import App, Tenant
from tests.functions.test_house import leaves
from tests.shared.platform.offline import offline

DOCUMENT = json.loads(document("http://localhost/api"))
OPERATIONS = {one["operationId"]: one for path in DOCUMENT["paths"].values() for one in path.values()}
ENDPOINTS = endpoints()
ADDRESS = "203.0.113.50"


def lineage(problem: str) -> set[str]:
    """Return a problem's type and those of what it is a kind of."""
    kind = next(kind for kind in leaves(DomainError) if type_of(kind) == problem)
    return {type_of(one) for one in kind.__mro__ if issubclass(one, DomainError)}


async def status(app: App, one: Endpoint, tenant: Tenant) -> str:
    """Call an operation about nothing that exists, and check the answer's form."""
    path = {name: str(uuid4()) for name in one.path_types}
    token = tenant.ingest_token if one.needs is Permission.ALERT_INGEST else tenant.token
    headers = {**JSON_BODY, "authorization": f"Bearer {token}", "x-forwarded-for": ADDRESS}
    body = example_bytes(one, defaultdict(lambda: str(uuid4())))
    answer = await app.invoke(one.name, one.method, url=one.route, path=path, query={}, body=body, headers=headers)
    described = OPERATIONS[one.name]["responses"].get(str(answer.status))
    assert described is not None, f"{one.name} answers {answer.status}"
    for name in described["headers"]:
        component = DOCUMENT["components"]["headers"][described["headers"][name]["$ref"].rpartition("/")[2]]
        assert name in answer.headers or not component.get("required"), f"{one.name} {answer.status} without {name}"
    if answer.status >= 400:
        assert lineage(answer.json["type"]) & set(described["x-problem-types"]), one.name
    return str(answer.status)


@pytest.fixture
async def away(app: App) -> AsyncIterator[App]:
    """The product while none of its stores answers."""
    settings = app.runtime.settings
    nowhere = offline()
    names = ("database_url", "system_database_url", "redis_url", "storage", "webpubsub")
    runtime = Runtime.start(
        settings.model_copy(update={name: getattr(nowhere, name) for name in names}), ROUTES, clock=app.runtime.clock
    )
    built = App(runtime)
    yield built
    await built.mailbox.close()
    await runtime.close()


async def test_what_is_answered_while_no_store_answers_is_described(away: App, tenant: Tenant) -> None:
    found = {one.name: await status(away, one, tenant) for one in ENDPOINTS}
    unavailable = {name for name, code in found.items() if code == "503"}
    assert {one.name for one in ENDPOINTS if one.needs is not Admission.EVERYONE} <= unavailable


async def test_what_is_answered_beyond_the_limit_is_described(app: App, tenant: Tenant) -> None:
    settings = app.runtime.settings.model_copy(update={"rate_limit": 1, "ingest_ceiling": 1})
    limited = App(replace(app.runtime, settings=settings, limits=Limits(app.runtime.cache, app.runtime.patient_cache)))
    for one in ENDPOINTS:
        codes = [await status(limited, one, tenant) for _ in range(2)]
        assert codes[-1] == ("503" if one.needs is Permission.ALERT_INGEST else "429"), one.name
    await limited.mailbox.close()


def test_what_changes_something_for_a_browser_names_its_csrf_token() -> None:
    for one in ENDPOINTS:
        by_cookie = [way for way in OPERATIONS[one.name]["security"] if "session" in way]
        assert all(("csrf" in way) is (one.method != "GET") for way in by_cookie), one.name


def test_there_are_operations_of_every_kind_of_header() -> None:
    for applies in (takes_version, creates_once, lambda one: one.cached, lambda one: one.cookie):
        assert any(applies(one) for one in ENDPOINTS)
