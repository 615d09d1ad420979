"""All that Azure can call: one folder a feature, one file a function."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import azure.functions as func

    from functions.http import Endpoint
    from functions.queues import Consumer
    from functions.timers import Timer
    from functions.trigger import Trigger
    from shared.platform.runtime import Runtime

FEATURES: Final = (
    "access",
    "alerts",
    "analytics",
    "audit",
    "changes",
    "hypotheses",
    "incidents",
    "integrations",
    "maintenance",
    "notifications",
    "ops",
    "realtime",
    "services",
    "webhooks",
)


def triggers() -> "tuple[Trigger, ...]":
    """Return what sets off each function, none of whose files is run for it."""
    from functions.trigger import read  # noqa: PLC0415 - it imports this package first

    home = Path(__file__).parent
    return tuple(read(path) for feature in FEATURES for path in sorted((home / feature).glob("[!_]*.py")))


@cache
def declarations() -> "tuple[Endpoint | Consumer | Timer, ...]":
    """Return what every function file declares: the object that has the file's own name."""
    return tuple(trigger.load() for trigger in triggers())


def build_app(runtime: "Runtime") -> "func.FunctionApp":
    """Return the app that Azure indexes. One app a call: an app can be indexed only once."""
    import azure.functions as func  # noqa: PLC0415 - this is one of the few places that speak it

    import shared.incidents.tables  # noqa: PLC0415 - rows of other features refer to theirs: none is stored without
    import shared.integrations.tables  # noqa: F401, PLC0415 - as above
    from functions.alarms import listen  # noqa: PLC0415 - it imports this package first
    from functions.gateway import mount  # noqa: PLC0415 - as above
    from functions.http import HttpTrigger  # noqa: PLC0415 - as above
    from functions.queues import QueueTrigger, mount_consumer  # noqa: PLC0415 - as above
    from functions.timers import TimerTrigger, mount_timer  # noqa: PLC0415 - as above

    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # the library is not typed here
    for trigger in triggers():
        match trigger:
            case HttpTrigger():
                mount(blueprint, trigger, runtime)
            case QueueTrigger():
                mount_consumer(blueprint, trigger, runtime)
            case TimerTrigger():
                mount_timer(blueprint, trigger, runtime)
    app.register_functions(blueprint)
    listen(runtime)
    return app
