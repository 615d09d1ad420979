"""Guessing passwords is slow, costs us little, and tells nothing."""

import asyncio
import statistics
import time
from dataclasses import replace
from itertools import cycle
from uuid import uuid4

import pytest

from functions.subscriptions import ROUTES
from scripts.proof.timing import better_than_chance
from shared.access.attempts import PER_ACCOUNT, PER_ADDRESS, count_attempt
from shared.access.errors import TooManyAttempts
from shared.platform.passwords import Passwords
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from tests.fixtures import PASSWORD, App, Tenant, register
from tests.shared.platform.offline import offline

GUESS = "not the password"


async def statuses(app: App, count: int, email: str, headers: dict[str, str] | None = None) -> list[int]:
    body = {"email": email, "password": GUESS}
    answers = await asyncio.gather(*(app.call("POST", "auth/login", body, headers=headers) for _ in range(count)))
    return sorted(one.status for one in answers)


async def test_an_account_is_guessed_at_ten_times_a_minute_at_most(app: App, tenant: Tenant) -> None:
    assert await statuses(app, PER_ACCOUNT.count + 5, tenant.email) == [401] * PER_ACCOUNT.count + [429] * 5
    # Even with the right password: who guesses must not learn it.
    answer = await app.call("POST", "auth/login", {"email": tenant.email, "password": PASSWORD})
    assert (answer.status, answer.json["type"]) == (429, "/problems/too-many-attempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


async def test_an_unknown_account_is_limited_as_a_known_one(app: App) -> None:
    count = PER_ACCOUNT.count
    assert await statuses(app, count + 5, f"{uuid4()}@example.com") == [401] * count + [429] * 5


async def test_an_attempt_beyond_the_limit_hashes_nothing(app: App, tenant: Tenant) -> None:
    await statuses(app, PER_ACCOUNT.count, tenant.email)
    began = time.process_time()
    assert await statuses(app, 20, tenant.email) == [429] * 20
    beyond = (time.process_time() - began) / 20
    began = time.process_time()
    await app.runtime.passwords.verify(GUESS, None)
    assert beyond < (time.process_time() - began) / 2


async def exhaust(runtime: Runtime, *addresses: str) -> int:
    """Try from one address after the other until it is too often; returns how often it was not."""
    for count, address in enumerate(cycle(addresses)):
        try:
            await count_attempt(runtime, address)
        except TooManyAttempts:
            return count
    raise AssertionError("not reached")


async def test_an_address_has_a_limit_over_all_accounts(runtime: Runtime) -> None:
    ours = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}"  # one subscriber has a whole network of addresses
    admitted = await exhaust(runtime, *(f"{ours}::{host:x}" for host in range(1, 9)))
    assert PER_ADDRESS.count <= admitted < 2 * PER_ADDRESS.count
    await count_attempt(runtime, f"{ours[:-4]}{uuid4().hex[:4]}::1")


async def test_only_the_platform_s_own_hop_says_where_a_call_came_from(app: App) -> None:
    address = ".".join(str(byte) for byte in (10, *uuid4().bytes[:3]))
    await exhaust(app.runtime, address)
    body = {"email": f"{uuid4()}@example.com", "password": GUESS}
    platform = {"x-forwarded-for": f"203.0.113.9, {address}:49152"}
    assert (await app.call("POST", "auth/login", body, headers=platform)).status == 429
    assert (await app.call("POST", "auth/login", body)).status == 401


async def test_while_attempts_cannot_be_counted_nobody_signs_in(app: App, tenant: Tenant) -> None:
    lost = app.runtime.settings.model_copy(update={"redis_url": offline().redis_url})
    alone = Runtime.start(lost, ROUTES, clock=app.runtime.clock)
    other = App(alone)
    answer = await other.call("POST", "auth/login", {"email": tenant.email, "password": PASSWORD})
    assert answer.status == 503
    assert (await other.call("GET", "incidents", token=tenant.token)).status == 200
    await other.mailbox.close()
    await alone.close()


async def test_known_and_unknown_people_cost_the_same_work(app: App, tenant: Tenant) -> None:
    """Measured in processor time, which other programs do not disturb."""
    known: list[float] = []
    unknown: list[float] = []
    for _ in range(PER_ACCOUNT.count - 1):
        for email, costs in ((tenant.email, known), (f"{uuid4()}@example.com", unknown)):
            began = time.process_time()
            answer = await app.call("POST", "auth/login", {"email": email, "password": GUESS})
            costs.append(time.process_time() - began)
            assert answer.status == 401
    assert statistics.median(known) == pytest.approx(statistics.median(unknown), rel=0.25)


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(app: App, tenant: Tenant) -> None:
    found = []
    for email in (tenant.email, f"{uuid4()}@example.com"):
        answer = await app.call("POST", "auth/login", {"email": email, "password": GUESS})
        body = {name: value for name, value in answer.json.items() if name != "trace_id"}
        found.append((answer.status, body, set(answer.headers), answer.cookies))
    assert found[0] == found[1]


@pytest.mark.parametrize("password", ["password1234", "PASSWORD-2026!", "aaaaaaaaaaaa"])
async def test_nobody_registers_with_a_password_that_everybody_has(app: App, password: str) -> None:
    body = {"email": f"{uuid4()}@example.com", "password": password, "name": "Ann", "tenant_name": "Example"}
    answer = await app.call("POST", "auth/register", body)
    assert (answer.status, answer.json["type"]) == (422, "/problems/weak-password")
    assert answer.json["errors"][0]["field"] == "password"
    assert password not in answer.content.decode()


class Counting(Passwords):
    """Counts what is hashed."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.count = 0

    async def verify(self, password: str, stored: str | None) -> bool:
        self.count += 1
        return await super().verify(password, stored)


async def test_a_flood_from_one_address_costs_few_hashes(app: App) -> None:
    """Over 150 accounts at once, so that only the address is in common: its burst is hashed, and one a second more."""
    counting = Counting(app.runtime.settings)
    flooded = App(replace(app.runtime, passwords=counting))
    headers = {"x-forwarded-for": f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"}
    began = time.monotonic()
    answers = await asyncio.gather(
        *(
            flooded.call("POST", "auth/login", {"email": f"{uuid4()}@example.com", "password": GUESS}, headers=headers)
            for _ in range(150)
        )
    )
    seconds = time.monotonic() - began
    await flooded.mailbox.close()
    counting.close()
    refused = [one for one in answers if one.status == 429]
    assert counting.count == len(answers) - len(refused) <= PER_ADDRESS.count + PER_ADDRESS.rate * seconds + 1
    assert all(int(one.headers["Retry-After"]) >= 1 for one in refused)


async def timed_logins(app: App, known: list[str], pairs: int) -> tuple[list[float], list[float]]:
    """Fail to sign in as known and unknown people, turn and turn about; returns the seconds of each answer."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(pairs):
        emails = (known[number % len(known)], f"{uuid4().hex[:12]}@example.com")
        for which in (0, 1) if number % 2 else (1, 0):
            began = time.perf_counter()
            answer = await app.call("POST", "auth/login", {"email": emails[which], "password": GUESS})
            times[which].append(time.perf_counter() - began)
            assert answer.status == 401
    return times


async def test_who_is_known_cannot_be_told_by_the_time_an_answer_takes(app: App) -> None:
    known = [(await register(app)).email for _ in range(10)]
    times = await timed_logins(app, known, 40)
    assert abs(better_than_chance(*times) - 0.5) < 0.25  # four standard errors; ./scripts/logins measures closer
