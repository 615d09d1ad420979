"""What sets a function off, read from its file without running it: its code is loaded by its first call."""

import ast
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from functions.http import HttpTrigger
from functions.queues import QueueTrigger
from functions.timers import TimerTrigger
from shared.platform.queues import Queue


class Unreadable(RuntimeError):
    """A function file does not say in plain text what sets it off."""


type Trigger = HttpTrigger | QueueTrigger | TimerTrigger


def read(path: Path) -> Trigger:
    """Read the decorator of the function that has its file's name. Raises `Unreadable`."""
    name, load = path.stem, partial(_load, f"{__package__}.{path.parent.name}", path.stem)
    for node in ast.parse(path.read_bytes()).body:
        match node:
            case ast.AsyncFunctionDef(
                name=path.stem, decorator_list=[ast.Call(func=ast.Name(decorator), args=arguments)]
            ):
                match decorator, arguments:
                    case "endpoint", [ast.Constant(str(method)), ast.Constant(str(route))]:
                        return HttpTrigger(name=name, load=load, method=method, route=route)
                    case "consumer" | "content_consumer", [ast.Attribute(ast.Name("Queue"), queue)]:
                        return QueueTrigger(name=name, load=load, queue=Queue[queue])
                    case "schedule", [ast.Constant(str(ncrontab))]:
                        return TimerTrigger(name=name, load=load, schedule=ncrontab)
    raise Unreadable(f"{path}: no function of that name says what sets it off")


def _load(package: str, name: str) -> Any:
    return getattr(import_module(f"{package}.{name}"), name)
