"""A browser before the whole stack; each test has a tenant of its own and a window that nobody used before."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright

from scripts.devstack.demo_tenant import bearer
from tests.e2e.browser.chromium import WORDS, find_chromium

PASSWORD = "a password nobody guesses"
PATIENCE = 30_000  # milliseconds; the machine may be busy


@dataclass(frozen=True)
class Owner:
    """Somebody with a tenant of their own, and their way into the API beside the browser."""

    email: str
    api: httpx.Client
    ingest_token: str


@pytest.fixture(scope="session")
def app(stack: dict[str, Any]) -> str:
    """Where the app is served."""
    if stack["app"] is None:
        pytest.skip("the app could not be built here: ./scripts/start says why")
    return str(stack["app"])


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    executable = find_chromium()
    if executable is None:
        pytest.skip("there is no Chromium: install one, or name it with SRE_CHROMIUM")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=executable, args=WORDS)
        yield running
        await running.close()


@contextmanager
def _somebody(api: str) -> Iterator[Owner]:
    email = f"{uuid4().hex[:12]}@example.com"
    body = {"email": email, "password": PASSWORD, "name": "Olga Owner", "tenant_name": "Example"}
    made = httpx.post(f"{api}/auth/register", json=body, timeout=20).raise_for_status().json()
    with httpx.Client(base_url=api, headers=bearer(made["access_token"]), timeout=20) as client:
        wanted = {"kind": "alertmanager", "name": "main"}
        token = client.post("integrations", json=wanted).raise_for_status().json()["token"]
        yield Owner(email, client, token)


@pytest.fixture
def owner(stack: dict[str, Any]) -> Iterator[Owner]:
    with _somebody(stack["api"]) as made:
        yield made


@pytest.fixture
def stranger(stack: dict[str, Any]) -> Iterator[Owner]:
    """The owner of another tenant."""
    with _somebody(stack["api"]) as made:
        yield made


class Complaints(list[str]):
    """What a page's console and scripts complained of; answers of the API that are errors are no complaint."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda said: self.append(said.text) if said.type == "error" else None)

    @property
    def serious(self) -> list[str]:
        return [one for one in self if not one.startswith("Failed to load resource")]


@pytest.fixture
async def page(browser: Browser, app: str) -> AsyncIterator[Page]:
    """A window; a page that throws or that the policy stops fails the test."""
    async with window(browser, app) as opened:
        yield opened


@asynccontextmanager
async def window(browser: Browser, app: str, **options: Any) -> AsyncIterator[Page]:
    """A window of its own, with its own cookies; `options` as for a browser context."""
    context = await browser.new_context(base_url=app, **{"viewport": {"width": 1360, "height": 860}, **options})
    context.set_default_timeout(PATIENCE)
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
    await page.locator('[data-testid="live"][data-status="live"]').wait_for(state="attached")  # hidden on phones
