"""Stored credentials move to a new key while people write, and a run that was killed is simply run again."""

import logging
import subprocess
import sys
from base64 import b64encode
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from scripts.rekey import run
from shared.access.schemas import SignedInOut
from shared.integrations import commands
from shared.integrations.commands import credentials_place
from shared.integrations.schemas import BearerIn, IntegrationIn, IntegrationPatch
from shared.integrations.values import IntegrationKind
from shared.kernel.values import ProjectId, TenantId, system_actor
from shared.platform.rekeying import rekey, rekey_while_rotating, sealed_columns
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings
from shared.platform.vault import Vault
from tests.fixtures import VAULT_KEY, App, Tenant, sign_up

ROOT = Path(__file__).parents[2]
NEW_KEY = f"k2:{b64encode(b'n' * 32).decode()}"


@pytest.fixture
def ringed(settings: Settings) -> Settings:
    """The settings after a new key was put first."""
    return settings_with(settings, f"{NEW_KEY},{VAULT_KEY}")


def settings_with(settings: Settings, keys: str) -> Settings:
    given = {field.alias or name: getattr(settings, name) for name, field in Settings.model_fields.items()}
    return Settings.model_validate({**given, "VAULT_KEYS": keys})


def credentials(token: str) -> BearerIn:
    return BearerIn.model_validate({"type": "bearer", "token": token})


async def seal(runtime: Runtime, account: SignedInOut, *tokens: str) -> list[UUID]:
    """Make an integration with each token."""
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        return [
            (
                await commands.create_integration(
                    tx,
                    runtime.vault,
                    ProjectId(account.project_id),
                    IntegrationIn(kind=IntegrationKind.GENERIC, name=token, credentials=credentials(token)),
                )
            ).id
            for token in tokens
        ]


async def opened(runtime: Runtime, account: SignedInOut, vault: Vault) -> list[str]:
    """What a vault reads of an account's credentials, oldest first."""
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        rows = await commands.list_integrations(tx, ProjectId(account.project_id))
    return [vault.open(row.credentials or "", credentials_place(row)) for row in rows[::-1]]


@pytest.fixture(autouse=True)
async def _nothing_else(owner: psycopg.AsyncConnection) -> None:
    """What other tests stored is none of these tests' business."""
    await owner.execute("update monitoring_integrations set credentials = null")
    await owner.execute("update idempotency_keys set answer = null")
    await owner.execute("update notification_channels set config = null")


async def test_everything_of_every_tenant_moves_and_the_old_key_can_go(
    runtime: Runtime, account: SignedInOut, settings: Settings, ringed: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    other = await sign_up(runtime)
    await seal(runtime, account, "a", "b", "c")
    await seal(runtime, other, "d")
    assert await run(ringed, batch=2) == 0
    new_only = Vault(settings_with(settings, NEW_KEY))
    assert await opened(runtime, account, new_only) == ["Bearer a", "Bearer b", "Bearer c"]
    assert await opened(runtime, other, new_only) == ["Bearer d"]
    assert capsys.readouterr().out.splitlines()[-1] == "Done: 4 re-encrypted, 0 unreadable."


def test_every_column_that_is_sealed_is_found() -> None:
    found = {(sealed.table, sealed.column) for sealed in sealed_columns()}
    assert found == {
        ("idempotency_keys", "answer"),
        ("monitoring_integrations", "credentials"),
        ("notification_channels", "config"),
    }


async def test_an_answer_that_is_kept_for_a_repeated_request_moves_too(
    app: App, tenant: Tenant, settings: Settings, ringed: Settings
) -> None:
    async def create(functions: App) -> Any:
        body, key = {"kind": "generic", "name": "once"}, {"idempotency-key": "the-same"}
        return (await functions.call("POST", "integrations", body, token=tenant.token, headers=key)).json

    made = await create(app)
    assert await run(ringed, batch=100) == 0
    new_only = Vault(settings_with(settings, NEW_KEY))
    assert await create(App(replace(app.runtime, vault=new_only))) == made


async def test_a_second_run_has_nothing_to_do(
    runtime: Runtime, account: SignedInOut, ringed: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await seal(runtime, account, "a")
    await run(ringed, batch=100)
    await run(ringed, batch=100)
    assert capsys.readouterr().out.splitlines()[-1] == "Done: 0 re-encrypted, 0 unreadable."


async def test_a_run_that_ends_half_way_goes_on_where_it_was_while_people_write(
    runtime: Runtime, account: SignedInOut, settings: Settings, ringed: Settings
) -> None:
    ids = await seal(runtime, account, *"abcdef")
    rekeying = replace(runtime, vault=Vault(ringed))
    async with aclosing(rekey(rekeying, batch=2)) as batches:
        assert (await anext(batches)).moved == 2
    # Processes that were not restarted yet still write under the old key.
    async with runtime.transaction(system_actor(TenantId(account.tenant_id))) as tx:
        for one, token in ((ids[0], "A"), (ids[5], "F")):
            patch = IntegrationPatch(credentials=credentials(token))
            await commands.update_integration(tx, runtime.vault, ProjectId(account.project_id), one, patch)
    assert [done.moved async for done in rekey(rekeying, batch=2)] == [2, 2, 1]
    new_only = Vault(settings_with(settings, NEW_KEY))
    assert await opened(runtime, account, new_only) == [f"Bearer {token}" for token in "AbcdeF"]


async def test_what_no_key_opens_is_named_left_alone_and_does_not_stop_the_rest(
    runtime: Runtime,
    account: SignedInOut,
    settings: Settings,
    owner: psycopg.AsyncConnection,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost, _ = await seal(runtime, account, "a", "b")
    await owner.execute("update monitoring_integrations set credentials = 'v1.gone.AAAA.AAAA' where id = %s", (lost,))
    assert await run(settings_with(settings, f"{NEW_KEY},{VAULT_KEY}"), batch=1) == 1
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "Done: 1 re-encrypted, 1 unreadable."
    assert told.err == f"no key opens what is sealed in monitoring_integrations {lost}\n"


def test_the_script_explains_itself() -> None:
    told = subprocess.run([ROOT / "scripts/rekey", "--help"], check=True, capture_output=True, text=True, timeout=60)
    assert "VAULT_KEYS" in told.stdout


def test_without_settings_it_says_what_is_missing() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.rekey"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "VAULT_KEYS" in ended.stderr


async def test_while_a_ring_turns_everything_moves_by_itself(
    runtime: Runtime, account: SignedInOut, settings: Settings, ringed: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "shared.platform.rekeying")
    await seal(runtime, account, "one", "two")
    app = App(replace(runtime, settings=ringed, vault=Vault(ringed)))
    await app.tick("reseal_secrets")
    await app.mailbox.close()
    assert "2 values re-encrypted; nothing needs the keys after the first" in caplog.text
    assert await opened(runtime, account, Vault(settings_with(settings, NEW_KEY))) == ["Bearer one", "Bearer two"]


async def test_what_no_key_opens_is_told_and_keeps_nothing_else_waiting(
    runtime: Runtime, account: SignedInOut, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    made = await seal(runtime, account, "one")
    other = f"k3:{b64encode(b'x' * 32).decode()}"
    lost = settings_with(settings, f"{NEW_KEY},{other}")
    await rekey_while_rotating(replace(runtime, settings=lost, vault=Vault(lost)))
    assert f"no key opens what is sealed in {made[0]}" in caplog.text


async def test_with_one_key_there_is_nothing_to_do(runtime: Runtime, account: SignedInOut, settings: Settings) -> None:
    await seal(runtime, account, "one")
    alone = settings_with(settings, NEW_KEY)
    await rekey_while_rotating(replace(runtime, settings=alone, vault=Vault(alone)))
    assert await opened(runtime, account, runtime.vault) == ["Bearer one"]
