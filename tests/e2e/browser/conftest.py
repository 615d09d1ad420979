"""A browser before the whole stack; each test has a tenant of its own and a window that nobody used before."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from scripts.devstack.chromium import ARGUMENTS, ChromiumMissing, find_chromium
from scripts.devstack.demo_tenant import bearer, sample_notification
from scripts.devstack.state import DEFAULT_STATE

PASSWORD = "a password nobody guesses"
PATIENCE = 30_000  # milliseconds; the machine may be busy
expect.set_options(timeout=PATIENCE)
# The console would tell only of some.
TELL_OF_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy: ${event.violatedDirective} forbids ${event.blockedURI}`))
"""


@dataclass(frozen=True)
class Owner:
    """Somebody with a tenant of their own, and their way into the API beside the browser."""

    email: str
    api: httpx.Client
    ingest_token: str

    def fire(self, alertname: str = "HighErrorRate", service: str = "checkout") -> None:
        """Posts what AlertManager would about an alert that fires."""
        notification = sample_notification(datetime.now(UTC))
        named = {"alertname": alertname, "service": service}
        for labels in (notification["groupLabels"], notification["alerts"][0]["labels"]):
            labels.update(named)
        notification["groupKey"] = f'{{}}:{{alertname="{alertname}", service="{service}"}}'
        self.api.post("webhooks/alertmanager", json=notification, headers=bearer(self.ingest_token)).raise_for_status()

    def incidents(self) -> list[dict[str, Any]]:
        """Newest first."""
        found: list[dict[str, Any]] = self.api.get("incidents").raise_for_status().json()["items"]
        return found


@pytest.fixture(scope="session")
def app(stack: dict[str, Any]) -> str:
    """Where the app is served."""
    if stack["app"] is None:
        pytest.skip("the app could not be built here: ./scripts/start says why")
    return str(stack["app"])


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    try:
        chromium = find_chromium(DEFAULT_STATE / "chromium")
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=chromium.program, args=ARGUMENTS, env=dict(chromium.environment)
        )
        yield running
        await running.close()


@pytest.fixture
def owner(stack: dict[str, Any]) -> Iterator[Owner]:
    with register(stack["api"]) as made:
        yield made


@pytest.fixture
def stranger(stack: dict[str, Any]) -> Iterator[Owner]:
    """The owner of another tenant."""
    with register(stack["api"]) as made:
        yield made


class Patient(httpx.HTTPTransport):
    """Sends again what is answered 503, as clients are asked to: two stacks that start leave the database little."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE / 1_000
        while (answer := super().handle_request(request)).status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            if time.monotonic() > deadline:
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        return answer


@contextmanager
def register(url: str) -> Iterator[Owner]:
    email = f"{uuid4().hex[:12]}@example.com"
    body = {"email": email, "password": PASSWORD, "name": "Olga Owner", "tenant_name": "Example"}
    with httpx.Client(base_url=url, timeout=20, transport=Patient()) as api:
        made = api.post("auth/register", json=body).raise_for_status().json()
        api.headers.update(bearer(made["access_token"]))
        wanted = {"kind": "alertmanager", "name": "main"}
        token = api.post("integrations", json=wanted).raise_for_status().json()["token"]
        yield Owner(email, api, token)


class Complaints(list[str]):
    """What a page's console and scripts complained of; answers of the API that are errors are no complaint."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda said: self.append(said.text) if said.type == "error" else None)

    @property
    def serious(self) -> list[str]:
        return [one for one in self if not one.startswith(HARMLESS)]


# Answers that are errors, and a live connection that cannot be made: the pages tell people of both.
HARMLESS = ("Failed to load resource", "WebSocket connection to")


@pytest.fixture
async def page(browser: Browser, app: str) -> AsyncIterator[Page]:
    """A window; a page that throws or that the policy stops fails the test."""
    async with window(browser, app) as opened:
        yield opened


@pytest.fixture
async def other_page(browser: Browser, app: str) -> AsyncIterator[Page]:
    """A window of another browser: it shares no cookie with `page`."""
    async with window(browser, app) as opened:
        yield opened


@asynccontextmanager
async def window(browser: Browser, app: str, **options: Any) -> AsyncIterator[Page]:
    """A window of its own, with its own cookies; `options` as for a browser context."""
    context = await browser.new_context(base_url=app, **{"viewport": {"width": 1360, "height": 860}, **options})
    context.set_default_timeout(PATIENCE)
    await context.add_init_script(TELL_OF_VIOLATIONS)
    opened, complaints = await context.new_page(), Complaints()
    complaints.watch(opened)
    try:
        yield opened
        assert complaints.serious == []
    finally:
        await context.close()


async def sign_in(page: Page, owner: Owner, password: str = PASSWORD) -> None:
    """Signs in by the page, and waits until live events arrive."""
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(owner.email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await be_live(page)


async def be_live(page: Page, status: str = "live") -> None:
    """Waits until the page says how live it is."""
    # Hidden on phones.
    await page.locator(f'[data-testid="live"][data-status="{status}"]').wait_for(state="attached")
