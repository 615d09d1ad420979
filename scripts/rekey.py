"""Re-encrypt all that is stored sealed under the first key of VAULT_KEYS, so that the others can be dropped.

Reads the application's own settings from the environment. Put the new key first, restart the application, then run
this; a run that was cut short is simply run again. Ends with 1 when a value is under no key that VAULT_KEYS names.
"""

import argparse
import asyncio
import os
import sys

import shared.views.schema  # noqa: F401 - it loads every table, and with them what is sealed
from shared.platform.rekeying import BATCH, rekey
from shared.platform.relay import Routes
from shared.platform.runtime import Runtime
from shared.platform.settings import MissingSettings, Settings


async def run(settings: Settings, *, batch: int) -> int:
    """Move everything, a line for each batch; the exit code."""
    runtime = Runtime.start(settings, Routes(queues={}, live={}, one_each=frozenset()))
    moved = 0
    unreadable: list[str] = []
    try:
        async for done in rekey(runtime, batch=batch):
            moved += done.moved
            unreadable += [f"{done.table} {row_id}" for row_id in done.unreadable]
            print(f"{moved} re-encrypted", flush=True)
    finally:
        await runtime.close()
    for row in unreadable:
        print(f"no key opens what is sealed in {row}", file=sys.stderr)
    print(f"Done: {moved} re-encrypted, {len(unreadable)} unreadable.")
    return 1 if unreadable else 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="./scripts/rekey", description=__doc__)
    parser.add_argument("--batch", type=int, default=BATCH, help="values in one transaction (default %(default)s)")
    batch = parser.parse_args().batch
    if batch < 1:
        parser.error("--batch must be 1 or more")
    try:
        settings = Settings.read(os.environ)
    except MissingSettings as error:
        sys.exit(str(error))
    sys.exit(asyncio.run(run(settings, batch=batch)))


if __name__ == "__main__":
    main()
