"""Every hour: what is still sealed under an older key of VAULT_KEYS."""

import shared.views.schema  # noqa: F401 - it loads every table, and with them what is sealed
from functions.timers import schedule
from shared.platform.rekeying import rekey_while_rotating
from shared.platform.runtime import Runtime


@schedule("0 37 * * * *")
async def reseal_secrets(runtime: Runtime) -> None:
    """Re-encrypt it under the first one, so that the older ones can be dropped; the log says when none is needed."""
    await rekey_while_rotating(runtime)
