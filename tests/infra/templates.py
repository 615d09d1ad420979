"""The templates as data, and what they come to in each environment."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from tree_sitter import Node

from scripts.infra_check.evaluate import Evaluation
from scripts.infra_check.names import output_used
from scripts.infra_check.parameter_files import effective
from scripts.infra_check.template import Template, Templates, below, members, read_templates

ROOT: Final = Path(__file__).parents[2]
INFRA: Final = ROOT / "infra"
ENVIRONMENTS: Final = ("dev", "prod")
TOKEN: Final = "x" * 13  # as long as what uniqueString gives
MAX_NAME: Final = "e" * 64


@cache
def templates() -> Templates:
    """Every template, by its path below infra/."""
    return read_templates(INFRA)


def template(name: str) -> Template:
    """A module, by the name of its file."""
    return templates()[f"modules/{name}.bicep"]


def main() -> Template:
    """The one that is deployed."""
    return templates()["main.bicep"]


@cache
def environment(name: str) -> Evaluation:
    """`main.bicep` under a parameter file."""
    abbreviations = json.loads((INFRA / "abbreviations.json").read_text())
    return effective(main(), INFRA / f"main.{name}.bicepparam", abbreviations=abbreviations, token=TOKEN)


def is_deployed(module: str, name: str) -> bool:
    """Whether an environment has a module."""
    condition = main().modules[module].condition
    return condition is None or bool(environment(name).of(condition))


@cache
def inside(module: str, name: str) -> Evaluation:
    """The template of a module, under what main.bicep gives it in an environment."""
    used = main().modules[module]
    return Evaluation(_source(module), {key: _given(one, name) for key, one in used.arguments.items()})


def _source(module: str) -> Template:
    return templates()[main().module_path(main().modules[module])]


def _given(argument: Node, name: str) -> Any:
    """What an argument comes to, an output of another module as well."""
    module, output = output_used(argument)
    if module in main().modules:
        return inside(module, name).of(_source(module).outputs[output])
    return environment(name).of(argument)


def property_of(module: str, resource: str, path: str, name: str) -> Any:
    """What a property of a module's resource comes to in an environment."""
    found = below(_source(module).resources[resource].body, path)
    return None if found is None else inside(module, name).of(found)


def app_settings() -> dict[str, Node]:
    """The function app's settings by name, as they are written."""
    told = below(template("functionapp").resources["settings"].body, "properties")
    if told is None:
        raise AssertionError("the function app has no settings")
    return members(told.named_children[1].named_children[0])
