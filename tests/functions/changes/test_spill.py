"""While the database is away, changes go to the queue and lose nothing."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from functions.subscriptions import ROUTES
from scripts.devstack.ports import free_port
from shared.changes.batches import ChangeBatch, pack, unpack
from shared.changes.payloads import read_changes
from shared.platform.ids import TimeOrderedIds
from shared.platform.queues import MAX_MESSAGE_BYTES, Queue
from shared.platform.runtime import Runtime
from shared.platform.settings import IngestMode, Settings
from tests.fixtures import App, StoppedClock, Tenant
from tests.functions.changes.test_changes import DEPLOY, listed, tell, titles

pytestmark = pytest.mark.xdist_group("queues")


@pytest.fixture
async def away(settings: Settings, clock: StoppedClock) -> AsyncIterator[App]:
    """The app on an instance whose database does not answer."""
    url = SecretStr(f"postgresql://nobody:nothing@127.0.0.1:{free_port()}/gone")
    runtime = Runtime.start(settings.model_copy(update={"database_url": url}), ROUTES, clock=clock)
    built = App(runtime)
    yield built
    await built.mailbox.close()
    await runtime.close()


async def test_changes_wait_on_the_queue_and_are_stored_once(app: App, away: App, tenant: Tenant) -> None:
    body = [DEPLOY, {"title": "without an id or a time"}, {"title": ""}]
    told = await tell(away, tenant, body)
    assert (told["accepted"], told["rejected"], told["stored"]) == (2, 1, "queue")
    (message,) = await app.mailbox.take(Queue.CHANGES)
    for _ in range(2):
        await app.hand("ingest_changes", message)
    await tell(app, tenant, DEPLOY)
    assert sorted(titles(await listed(app, tenant))) == ["checkout 1.2.3", "without an id or a time"]


async def test_a_message_goes_back_while_the_database_stays_away(app: App, away: App, tenant: Tenant) -> None:
    await tell(away, tenant, DEPLOY)
    (message,) = await app.mailbox.take(Queue.CHANGES)
    await away.hand("ingest_changes", message)  # no error: a try is not for waiting
    assert await app.runtime.queues.depth(Queue.CHANGES) == 1


async def test_queue_mode_always_queues(app: App, settings: Settings, tenant: Tenant) -> None:
    queueing = replace(app.runtime, settings=settings.model_copy(update={"ingest_mode": IngestMode.QUEUE}))
    levelled = App(queueing)
    assert (await tell(levelled, tenant, DEPLOY))["stored"] == "queue"
    await levelled.mailbox.close()
    await app.carry()
    assert titles(await listed(app, tenant)) == ["checkout 1.2.3"]


async def test_a_token_revoked_while_its_changes_waited_stores_nothing(app: App, away: App, tenant: Tenant) -> None:
    await tell(away, tenant, DEPLOY)
    await app.call("DELETE", f"integrations/{tenant.integration_id}", token=tenant.token)
    await app.carry()
    assert await listed(app, tenant) == []
    refused = await away.call("POST", "webhooks/changes", DEPLOY, token=tenant.ingest_token)
    assert refused.status == 401


TEXTS = st.sampled_from(['"', "\\", "\x01", "ü", "\n", "𝄞", "x"])
CHANGES = st.builds(
    lambda text, times: {"title": (text * times)[:300] or "x", "detail": text * times * 40}, TEXTS, st.integers(0, 300)
)
BAD = st.builds(lambda text: {"title": 7, text * 100: text * 5_000}, TEXTS)


@given(st.lists(CHANGES | BAD, max_size=30))
def test_however_large_a_batch_is_its_messages_fit_and_lose_nothing(bodies: list[dict[str, object]]) -> None:
    clock, ids = StoppedClock(), TimeOrderedIds()
    read = read_changes(json.dumps(bodies).encode(), clock.now())
    sent = ChangeBatch(
        batch_id=ids.new(),
        tenant_id=ids.new(),
        project_id=ids.new(),
        integration_id=ids.new(),
        token_version=1,
        at=clock.now(),
        changes=read.changes,
        rejected=read.rejected,
    )
    messages = list(pack(sent))
    assert max(len(message.encode()) for message in messages) <= MAX_MESSAGE_BYTES
    received = [unpack(message) for message in messages]
    assert tuple(change for one in received for change in one.changes) == sent.changes
    assert tuple(refused for one in received for refused in one.rejected) == sent.rejected
