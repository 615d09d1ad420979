"""Every class of secret through calls that succeed, are refused and crash; none of them in any line of any logger."""

import io
import json
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import azure.functions as func
import pytest
from pydantic import SecretStr

from functions.gateway import mount
from functions.http import Admission, Call, Endpoint, HttpTrigger, endpoint
from functions.queues import Consumer, QueueTrigger, mount_consumer
from scripts.proof.functions import Functions
from shared.access.schemas import LoginIn
from shared.platform.database import Database
from shared.platform.logs import Redaction, configure_logging
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from tests.fixtures import PASSWORD, App, Tenant
from tests.functions.access.browser import Browser
from tests.shared.platform.offline import NOWHERE, offline

BODY_SECRET = "hunter2-in-a-body"
SLACK_URL = "https://hooks.slack.com/services/T00/B00/hunter2slack"
KNOWN_BY_SETTINGS = {
    "model key": ("MODEL_API_KEY", "hunter2-of-the-model"),
    "database password": ("DATABASE_URL", "postgresql://app:hunter2-database@127.0.0.1:1/x"),
    "redis password": ("REDIS_URL", "redis://:hunter2-redis@127.0.0.1:1/0"),
    "mail password": ("SMTP_URL", "smtp://me:hunter2-mail@127.0.0.1:1"),
    "trace destination": ("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=hunter2-insights"),
    "storage key": ("AzureWebJobsStorage", NOWHERE["AzureWebJobsStorage"].replace("c2VjcmV0", "aHVudGVyMi1zdG9yYWdl")),
    "operator's token": ("OPERATOR_INGEST_TOKEN", "sre_ingest_hunter2"),
    "session key": ("SESSION_KEYS", "k1:hunter2-session-key-of-32-bytes-or-more"),
    "vault key": ("VAULT_KEYS", "k1:" + b64encode(b"hunter2-vault-key-of-32-bytes-ab").decode()),
}


@dataclass
class Log:
    """Everything that any logger says, down to debugging."""

    text: io.StringIO

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.getvalue().splitlines()]

    def holds(self, *secrets: str) -> list[str]:
        """Return those that were logged."""
        return [secret for secret in secrets if secret in self.text.getvalue()]


@pytest.fixture
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    """Logging as a process has it whose settings are those of `runtime`, or of none."""
    root, text = logging.getLogger(), io.StringIO()
    handler, level, others = logging.StreamHandler(text), root.level, list(root.handlers)
    for other in others:
        root.removeHandler(other)
    root.addHandler(handler)
    configure_logging(offline(**dict(KNOWN_BY_SETTINGS.values()), MAIL_FROM="a@example.com"))
    root.setLevel(logging.DEBUG)
    yield Log(text)
    root.setLevel(level)
    root.removeHandler(handler)
    for other in others:
        root.addHandler(other)


@pytest.fixture
async def everything(app: App, tenant: Tenant) -> dict[str, str]:
    """One secret of each class that callers hold."""
    browser = Browser(app)
    await browser.sign_in(tenant.email)
    key = await app.call("POST", "api-keys", {"name": "ci", "role": "engineer"}, token=tenant.token)
    config = {"kind": "webhook", "url": "https://192.0.2.1/hook"}
    channel = await app.call("POST", "notification-channels", {"name": "ops", "config": config}, token=tenant.token)
    assert (key.status, channel.status) == (201, 201)
    return {
        "password": PASSWORD,
        "access token": tenant.token,
        "ingest token": tenant.ingest_token,
        "api key": key.json["key"],
        "signing secret": channel.json["signing_secret"],
        "csrf token": browser.csrf_token,
        **browser.cookies,
    }


def called(one: Endpoint) -> HttpTrigger:
    return HttpTrigger(name=one.name, load=lambda: one, method=one.method, route=one.route)


@pytest.fixture
async def crashing(app: App) -> AsyncIterator[Functions]:
    """An endpoint and a consumer that fail with errors that quote all they got."""

    @endpoint("POST", "crash", needs=Admission.EVERYONE, body=bytes)
    async def crash(call: Call[bytes, None]) -> None:
        raise LookupError(f"{call.body!r} {dict(call.headers)}")

    @endpoint("POST", "crash/parsing", needs=Admission.EVERYONE, body=bytes)
    async def crash_parsing(call: Call[bytes, None]) -> None:
        LoginIn.model_validate_json(call.body)

    async def stumble(_runtime: Runtime, message: str) -> None:
        logging.getLogger("a.library").warning("it got %s", message)
        raise LookupError(message)

    built, blueprint = func.FunctionApp(), func.Blueprint()  # type: ignore[no-untyped-call]  # the library is not typed here
    mount(blueprint, called(crash), app.runtime)
    mount(blueprint, called(crash_parsing), app.runtime)
    consumer = Consumer(name="stumble", queue=Queue.ALERTS, consume_text=stumble)
    sent = QueueTrigger(name=consumer.name, load=lambda: consumer, queue=consumer.queue)
    mount_consumer(blueprint, sent, app.runtime)
    built.register_functions(blueprint)
    found = App(app.runtime)
    found.functions = {one.get_function_name(): one for one in built.get_functions()}
    yield found
    await found.mailbox.close()


async def crash(crashing: Functions, name: str, body: Any, headers: dict[str, str]) -> None:
    given = {"content-type": "application/json", **headers}
    content = json.dumps(body).encode()
    answer = await crashing.invoke(name, "POST", url=name, path={}, query={}, body=content, headers=given)
    assert answer.status == 500


async def test_calls_that_succeed_or_are_refused_log_no_secret(
    app: App, tenant: Tenant, everything: dict[str, str], log: Log
) -> None:
    browser = Browser(app)
    broken = App(replace(app.runtime, database=Database(offline())))
    credentials = {"type": "basic", "username": "ann", "password": BODY_SECRET}
    wrong = {"password": BODY_SECRET, "name": "x", "tenant_name": "y"}
    for one in (app, broken):
        await one.call("POST", "auth/login", {"email": tenant.email, "password": BODY_SECRET})
        await one.call("POST", "auth/register", {"email": "nobody", **wrong})
        await one.call("POST", "auth/password/reset", {"token": everything["access token"], "password": BODY_SECRET})
        for token in everything.values():
            await one.call("GET", "incidents", token=token)
            await one.call("GET", "incidents", token=f"{token}x")
            await one.call("POST", "webhooks/alerts", {"name": "x"}, token=token)
        made = {"kind": "prometheus", "name": "x", "base_url": "https://192.0.2.1", "credentials": credentials}
        await one.call("POST", "integrations", made, token=tenant.token)
        await one.call("POST", "integrations", {**made, "kind": "nonsense"}, token=tenant.token)
        slack = {"name": "x", "config": {"kind": "slack", "url": SLACK_URL}}
        await one.call("POST", "notification-channels", slack, token=tenant.token)
        await one.call("POST", "notification-channels", {**slack, "extra": 1}, token=tenant.token)
    await browser.sign_in(tenant.email)
    await browser.call("POST", "auth/refresh")
    await browser.copy().call("POST", "auth/logout")
    await app.carry()
    assert log.lines(), "nothing was logged at all"
    secrets = {*everything.values(), *browser.cookies.values(), browser.csrf_token, BODY_SECRET, SLACK_URL}
    assert log.holds(*secrets - {""}) == []


async def test_a_crash_that_quotes_a_whole_request_logs_no_secret(
    crashing: Functions, everything: dict[str, str], log: Log
) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in everything.items() if name.startswith("__"))
    body = {
        "password": PASSWORD,
        "credentials": {"type": "basic", "username": "ann", "password": BODY_SECRET},
        "url": SLACK_URL,
        "signing": everything["signing secret"],
    }
    headers = {"cookie": cookies, "x-csrf-token": everything["csrf token"]}
    for token in ("access token", "ingest token", "api key"):
        given = {"authorization": f"Bearer {everything[token]}", **headers}
        await crash(crashing, "crash", body, given)
        await crash(crashing, "crash_parsing", {**body, "email": everything[token]}, given)
    with pytest.raises(LookupError):
        await crashing.hand("stumble", json.dumps({**body, **everything}))
    crashes = [line for line in log.lines() if line["level"] == "ERROR"]
    assert len(crashes) == 6
    assert all("Traceback" in line["exception"] and line["trace_id"] for line in crashes)
    assert log.holds(*everything.values(), BODY_SECRET, SLACK_URL) == []


@pytest.mark.parametrize(("name", "value"), KNOWN_BY_SETTINGS.values(), ids=KNOWN_BY_SETTINGS)
def test_a_secret_of_the_settings_is_masked_wherever_it_is_quoted(name: str, value: str, log: Log) -> None:
    hidden = value.removeprefix("k1:")
    for logger in ("sqlalchemy.engine", "a.library"):
        logging.getLogger(logger).warning("cannot use %s, that is %r", hidden, {"value": SecretStr(hidden)})
    logging.getLogger("a.library").error("failed", exc_info=ConnectionError(f"no answer from {hidden}"))
    assert "hunter2" not in log.text.getvalue()
    assert log.holds(hidden) == []
    assert len(log.lines()) == 3


async def test_a_line_says_whose_request_it_is_about(crashing: Functions, app: App, tenant: Tenant, log: Log) -> None:
    headers = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01", "x-request-id": "deploy-42"}
    await crash(crashing, "crash", {}, headers)
    line = next(line for line in log.lines() if line["level"] == "ERROR")
    assert (line["trace_id"], line["request_id"]) == ("ab" * 16, "deploy-42")
    broken = App(replace(app.runtime, database=Database(offline())))
    await broken.call("GET", "incidents/01a20059-36a3-7000-8000-000000000000", token=tenant.token, headers=headers)
    line = next(line for line in log.lines() if "incidents/{incident_id}" in line["message"])
    assert (line["tenant_id"], line["trace_id"], line["request_id"]) == (tenant.tenant_id, "ab" * 16, "deploy-42")
    logging.getLogger("a.library").warning("afterwards")
    assert "request_id" not in log.lines()[-1]


def test_what_the_surroundings_listen_with_keeps_its_own_form(log: Log) -> None:
    own = logging.StreamHandler(io.StringIO())
    own.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(own)
    try:
        configure_logging(offline(MODEL_API_KEY="hunter2-of-the-model"))
        logging.getLogger("a.library").warning("the key is hunter2-of-the-model")
        assert own.stream.getvalue() == "WARNING the key is [masked]\n"
        assert any(isinstance(one, Redaction) for one in own.filters)
    finally:
        root.removeHandler(own)
