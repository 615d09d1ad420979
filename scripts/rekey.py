"""Re-encrypt stored credentials under the first key of VAULT_KEYS, so that the others can be dropped.

Reads the application's own settings from the environment. Put the new key first, restart the application, then run
this; a run that was cut short is simply run again. Ends with 1 when a value is under no key that VAULT_KEYS names.
"""

import argparse
import asyncio
import os
import sys
from uuid import UUID

from shared.integrations.rekeying import BATCH, rekey
from shared.platform.relay import Routes
from shared.platform.runtime import Runtime
from shared.platform.settings import MissingSettings, Settings


async def run(settings: Settings, *, batch: int) -> int:
    """Move everything, a line for each batch; the exit code."""
    runtime = Runtime.start(settings, Routes(queues={}, live={}, one_each=frozenset()))
    moved = 0
    unreadable: list[UUID] = []
    try:
        async for done in rekey(runtime, batch=batch):
            moved += done.moved
            unreadable += done.unreadable
            print(f"{moved} re-encrypted", flush=True)
    finally:
        await runtime.close()
    for integration_id in unreadable:
        print(f"no key opens the credentials of integration {integration_id}", file=sys.stderr)
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
