"""All that Azure can call: one folder a feature, one file a function."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import azure.functions as func

    from functions.http import Endpoint
    from functions.queues import Consumer
    from functions.timers import Timer
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


@cache
def declarations() -> "tuple[Endpoint | Consumer | Timer, ...]":
    """Return what every function file declares: the object that has the file's own name."""
    return tuple(
        getattr(import_module(f"functions.{feature}.{module.name}"), module.name)
        for feature in FEATURES
        for module in iter_modules(import_module(f"functions.{feature}").__path__)
    )


def build_app(runtime: "Runtime") -> "func.FunctionApp":
    """Return the app that Azure indexes. One app a call: an app can be indexed only once."""
    import azure.functions as func  # noqa: PLC0415 - this is one of the few places that speak it

    from functions.alarms import listen  # noqa: PLC0415 - it imports this package first
    from functions.gateway import mount  # noqa: PLC0415 - as above
    from functions.http import Endpoint  # noqa: PLC0415 - as above
    from functions.queues import Consumer, mount_consumer  # noqa: PLC0415 - as above
    from functions.timers import Timer, mount_timer  # noqa: PLC0415 - as above

    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # the library is not typed here
    for declared in declarations():
        match declared:
            case Endpoint():
                mount(blueprint, declared, runtime)
            case Consumer():
                mount_consumer(blueprint, declared, runtime)
            case Timer():
                mount_timer(blueprint, declared, runtime)
    app.register_functions(blueprint)
    listen(runtime)
    return app
