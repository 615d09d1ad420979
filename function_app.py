"""Azure starts here: read the settings, build the runtime, build the app."""

import gc
import os

os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # to find none, pydantic would read the metadata of every package
gc.disable()  # what a start makes, stays: to look through it for garbage is a tenth of the work

from functions import build_app
from functions.subscriptions import ROUTES
from shared.platform import key_vault, telemetry
from shared.platform.logs import configure_logging
from shared.platform.runtime import Runtime
from shared.platform.settings import Settings

settings = Settings.read(key_vault.complete(os.environ))
configure_logging(settings)
telemetry.start(settings)
runtime = Runtime.start(settings, ROUTES)
app = build_app(runtime)

gc.freeze()  # nor is it looked through later
gc.enable()


async def shutdown() -> None:
    """Finish what was begun; a local host calls this when it stops."""
    await runtime.close()
    await telemetry.stop()
