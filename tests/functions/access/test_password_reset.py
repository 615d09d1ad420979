"""A forgotten password: a link by e-mail, once, for half an hour, and nothing learnt by whoever asks."""

import asyncio
import re
import statistics
import time
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import psycopg
import pytest

from scripts.proof.functions import Response
from shared.access.attempts import INVITATIONS_PER_ADDRESSEE, RESETS_PER_ACCOUNT
from shared.access.events import InvitationCreated, PasswordReset, PasswordResetRequested, SessionsEnded
from shared.access.password_reset import ANSWER_AFTER, LIFETIME
from shared.platform.mail import Mail, Mailer
from tests.fixtures import PASSWORD, App, StoppedClock, Tenant, register
from tests.functions.access.browser import Browser
from tests.functions.access.people import accepted, invited
from tests.mailbox import Letter, Letterbox, letterbox, mailing
from tests.shared.platform.recording import Log

NEW_PASSWORD = "quite another password"
LINK = re.compile(r"^http://127\.0\.0\.1:5173/([a-z-]+)#token=(\S+)$", re.MULTILINE)


@pytest.fixture
async def box() -> AsyncIterator[Letterbox]:
    async with letterbox() as found:
        yield found


@pytest.fixture
async def post(app: App, box: Letterbox) -> AsyncIterator[App]:
    """The app with a mail server."""
    built = App(mailing(app.runtime, box))
    yield built
    await built.mailbox.close()


async def ask(app: App, email: str) -> Response:
    return await app.call("POST", "auth/password/forgot", {"email": email})


async def reset(app: App, token: str, password: str = NEW_PASSWORD) -> Response:
    return await app.call("POST", "auth/password/reset", {"token": token, "password": password})


async def sign_in(app: App, email: str, password: str) -> int:
    return (await app.call("POST", "auth/login", {"email": email, "password": password})).status


def link_in(letter: Letter) -> tuple[str, str]:
    """Return the page and the token of a letter's link."""
    found = LINK.search(letter.message.get_content().replace("\r\n", "\n"))
    assert found
    return found[1], found[2]


async def sent_token(app: App, box: Letterbox, email: str) -> str:
    """Ask for a link, have it sent, and return its token."""
    assert (await ask(app, email)).status == 202
    await app.carry()
    page, token = link_in(box.to(email)[-1])
    assert page == "reset-password"
    return token


async def test_the_link_gives_another_password_and_ends_every_session(
    post: App, box: Letterbox, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    browser = Browser(post)
    await browser.sign_in(tenant.email)
    token = await sent_token(post, box, tenant.email)
    answer = await reset(post, token)
    assert (answer.status, answer.content) == (204, b"")
    assert (await browser.call("GET", "auth/me")).status == 401
    assert (await browser.call("POST", "auth/refresh")).status == 401
    assert (await post.call("GET", "incidents", token=tenant.token)).status == 401
    assert await sign_in(post, tenant.email, PASSWORD) == 401
    assert await sign_in(post, tenant.email, NEW_PASSWORD) == 200
    rows = await Log(owner, UUID(tenant.tenant_id)).rows(PasswordReset, SessionsEnded)
    assert {(row["type"], str(row["subject_id"]), row["actor_name"]) for row in rows} == {
        ("password.reset", tenant.user_id, tenant.email),
        ("sessions.ended", tenant.user_id, tenant.email),
    }


async def test_a_link_is_good_once_even_for_two_at_once(post: App, box: Letterbox, tenant: Tenant) -> None:
    token = await sent_token(post, box, tenant.email)
    answers = await asyncio.gather(*(reset(post, token, f"{NEW_PASSWORD} {number}") for number in range(4)))
    assert sorted(one.status for one in answers) == [204, 404, 404, 404]
    assert (await reset(post, token)).status == 404


async def test_using_one_link_ends_the_others(post: App, box: Letterbox, tenant: Tenant) -> None:
    first, second = [await sent_token(post, box, tenant.email) for _ in range(2)]
    assert (await reset(post, second)).status == 204
    assert (await reset(post, first)).status == 404


async def test_changing_the_password_ends_links_that_were_sent_before(
    post: App, box: Letterbox, tenant: Tenant
) -> None:
    token = await sent_token(post, box, tenant.email)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert (await post.call("POST", "auth/password", body, token=tenant.token)).status == 204
    assert (await reset(post, token, "quite another password")).status == 404
    assert await sign_in(post, tenant.email, NEW_PASSWORD) == 200


async def test_a_link_ends_after_half_an_hour(post: App, box: Letterbox, tenant: Tenant, clock: StoppedClock) -> None:
    token = await sent_token(post, box, tenant.email)
    clock.advance(seconds=LIFETIME.total_seconds() - 1)
    assert (await reset(post, token, "password1234")).status == 422
    clock.advance(seconds=1)
    answer = await reset(post, token)
    assert (answer.status, answer.json["type"]) == (404, "/problems/password-reset-not-found")
    assert await sign_in(post, tenant.email, PASSWORD) == 200


async def test_rules_are_those_of_registering_and_the_link_survives_a_refusal(
    post: App, box: Letterbox, tenant: Tenant
) -> None:
    token = await sent_token(post, box, tenant.email)
    for weak in ("short", "password1234", tenant.email):
        answer = await reset(post, token, weak)
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "password")
        assert weak not in answer.content.decode()
    assert (await reset(post, token)).status == 204


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda _: "nonsense",
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: uuid4().hex + token[32:],
        lambda token: token[:32] + uuid4().hex + token[64:],
    ],
    ids=["empty", "nonsense", "another secret", "another tenant", "another row"],
)
async def test_what_is_not_the_link_s_token_is_nobody_s(
    post: App, box: Letterbox, tenant: Tenant, change: object
) -> None:
    token = await sent_token(post, box, tenant.email)
    assert callable(change)
    answer = await reset(post, change(token))
    assert (answer.status, answer.json["type"]) == (404, "/problems/password-reset-not-found")
    assert (await reset(post, token)).status == 204


async def test_the_token_is_stored_nowhere(
    post: App, box: Letterbox, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    secret = (await sent_token(post, box, tenant.email))[65:]
    for table in ("password_resets", "event_log"):
        found = await owner.execute(
            f"select from {table} t where tenant_id = %s and to_jsonb(t)::text like '%%' || %s || '%%'",
            (tenant.tenant_id, secret),
        )
        assert found.rowcount == 0


async def test_a_request_waits_for_a_mail_server_that_is_away(
    post: App, box: Letterbox, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    await ask(post, tenant.email)
    box.answer_to_content = "451 Later"
    await post.carry()
    assert box.to(tenant.email) == []
    box.answer_to_content = ""
    await Log(owner, UUID(tenant.tenant_id)).pass_time()
    await post.carry()
    (letter,) = box.to(tenant.email)
    assert (await reset(post, link_in(letter)[1])).status == 204


async def test_a_request_that_the_mail_server_kept_too_long_is_let_go(
    post: App, box: Letterbox, tenant: Tenant, clock: StoppedClock
) -> None:
    await ask(post, tenant.email)
    clock.advance(seconds=LIFETIME.total_seconds())
    await post.carry()
    assert box.to(tenant.email) == []


async def test_a_request_that_is_delivered_twice_at_once_sends_links_that_both_hold_until_one_is_used(
    post: App, box: Letterbox, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, both = Mailer.send, asyncio.Barrier(2)

    async def send_at_once(mailer: Mailer, mail: Mail) -> None:
        await both.wait()
        await send(mailer, mail)

    monkeypatch.setattr(Mailer, "send", send_at_once)
    await ask(post, tenant.email)
    await post.runtime.relay.sweep()
    messages = await post.mailbox.take("notifications")
    await asyncio.gather(*(post.hand("deliver", message) for message in messages * 2))
    tokens = [link_in(letter)[1] for letter in box.to(tenant.email)]
    assert len(set(tokens)) == 2
    assert sorted([(await reset(post, one)).status for one in tokens]) == [204, 404]
    for message in messages:
        await post.hand("deliver", message)
    assert len(box.to(tenant.email)) == 2


async def test_whoever_asks_learns_nothing(post: App, box: Letterbox, tenant: Tenant) -> None:
    closed = await invited(post, tenant, "viewer")
    await post.call("PATCH", f"users/{closed.user_id}", {"disabled": True}, token=tenant.token)
    await post.carry()
    box.letters.clear()
    emails = (tenant.email, closed.email, f"{uuid4()}@example.com")
    found = []
    for email in emails:
        answer = await ask(post, email)
        found.append((answer.status, answer.content, set(answer.headers)))
    assert found[0] == found[1] == found[2]
    assert found[0][:2] == (202, b"")
    await post.carry()
    assert [letter.recipients for letter in box.to(*emails)] == [[tenant.email]]


async def test_the_answer_takes_as_long_for_nobody_as_for_somebody(post: App, tenant: Tenant) -> None:
    async def seconds(email: str) -> float:
        began = time.perf_counter()
        assert (await ask(post, email)).status == 202
        return time.perf_counter() - began

    known = [await seconds(tenant.email) for _ in range(RESETS_PER_ACCOUNT.count)]
    unknown = [await seconds(f"{uuid4()}@example.com") for _ in known]
    assert min(*known, *unknown) >= ANSWER_AFTER
    assert statistics.median(known) == pytest.approx(statistics.median(unknown), rel=0.25)


async def test_nobody_s_mailbox_is_flooded(post: App, box: Letterbox, tenant: Tenant) -> None:
    for email in (tenant.email, f"{uuid4()}@example.com"):
        answers = [await ask(post, email) for _ in range(RESETS_PER_ACCOUNT.count + 1)]
        assert [one.status for one in answers] == [202] * RESETS_PER_ACCOUNT.count + [429]
    await post.carry()
    assert len(box.to(tenant.email)) == RESETS_PER_ACCOUNT.count
    assert await sign_in(post, tenant.email, PASSWORD) == 200


async def test_a_closed_account_cannot_use_the_link_it_was_sent(post: App, box: Letterbox, tenant: Tenant) -> None:
    person = await invited(post, tenant, "viewer")
    token = await sent_token(post, box, person.email)
    await post.call("PATCH", f"users/{person.user_id}", {"disabled": True}, token=tenant.token)
    assert (await reset(post, token)).status == 404


async def test_without_a_mail_server_a_request_is_answered_alike_and_nothing_waits(
    app: App, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    assert (await ask(app, tenant.email)).status == 202
    await app.carry()
    (row,) = await Log(owner, UUID(tenant.tenant_id)).rows(PasswordResetRequested)
    assert row["awaiting"] == []


async def test_an_invitation_goes_out_by_mail_beside_the_link_that_the_inviter_sees(
    post: App, box: Letterbox, tenant: Tenant
) -> None:
    email = f"{uuid4().hex[:12]}@example.com"
    shown = await post.call("POST", "invitations", {"email": email, "role": "viewer"}, token=tenant.token)
    await post.carry()
    (letter,) = box.to(email)
    assert tenant.email in letter.message.get_content()
    page, token = link_in(letter)
    assert page == "accept-invitation"
    assert token != shown.json["token"]
    assert (await accepted(post, token)).json["role"] == "viewer"
    assert (await accepted(post, shown.json["token"])).status == 404


@pytest.mark.parametrize("kept", ["folded", "as it came"])
async def test_no_name_begins_a_line_of_an_invitation(
    post: App, box: Letterbox, owner: psycopg.AsyncConnection, kept: str
) -> None:
    """Not even one that is stored from before names were one line."""
    body = {"email": f"{uuid4().hex[:12]}@example.com", "password": PASSWORD, "name": "Olga Owner"}
    mine = await post.call("POST", "auth/register", body | {"tenant_name": "us\n\nYour account is suspended"})
    token = mine.json["access_token"]
    assert (await post.call("GET", "tenant", token=token)).json["name"] == "us Your account is suspended"
    key = await post.call("POST", "api-keys", {"name": "we\r\nYour key is stolen", "role": "owner"}, token=token)
    assert key.json["name"] == "we Your key is stolen"
    if kept == "as it came":
        for table, key_column in (("tenants", "id"), ("api_keys", "tenant_id")):
            change = f"update {table} set name = replace(name, 'Your', e'\n\nYour') where {key_column} = %s"
            await owner.execute(change, (mine.json["tenant_id"],))
    email = f"{uuid4().hex[:12]}@example.com"
    await post.call("POST", "invitations", {"email": email, "role": "viewer"}, token=key.json["key"])
    await post.carry()
    (letter,) = box.to(email)
    text = letter.message.get_content()
    assert "“us Your account is suspended”" in text
    assert not [line for line in text.splitlines() if line.startswith("Your")]


async def test_nobody_is_sent_invitations_as_often_as_others_like(app: App, tenant: Tenant) -> None:
    other = await register(app)
    body = {"email": f"{uuid4().hex[:12]}@example.com", "role": "viewer"}
    most = INVITATIONS_PER_ADDRESSEE.count
    statuses = [(await app.call("POST", "invitations", body, token=tenant.token)).status for _ in range(most)]
    assert statuses == [201] * most
    answer = await app.call("POST", "invitations", body, token=other.token)
    assert (answer.status, answer.json["type"]) == (429, "/problems/too-many-invitations")
    assert int(answer.headers["Retry-After"]) > 60
    another = body | {"email": f"{uuid4().hex[:12]}@example.com"}
    assert (await app.call("POST", "invitations", another, token=tenant.token)).status == 201


async def test_an_invitation_that_was_revoked_meanwhile_is_not_sent(
    post: App, box: Letterbox, tenant: Tenant, owner: psycopg.AsyncConnection
) -> None:
    body = {"email": f"{uuid4().hex[:12]}@example.com", "role": "viewer"}
    made = await post.call("POST", "invitations", body, token=tenant.token)
    await post.call("DELETE", f"invitations/{made.json['id']}", token=tenant.token)
    await post.carry()
    assert box.to(body["email"]) == []
    (row,) = await Log(owner, UUID(tenant.tenant_id)).rows(InvitationCreated)
    assert row["awaiting"] == []
