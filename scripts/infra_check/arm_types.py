"""Resources against the property tables of Azure's own types."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tree_sitter import Node

from scripts.infra_check.template import Finding, Resource, Template, entries, members, plain, text_of

type Properties = Mapping[str, Mapping[str, Any]]

# Properties that belong to Bicep and not to the resource.
_OF_THE_LANGUAGE: Final = frozenset({"parent", "scope", "dependsOn"})
# Its properties are whatever the application reads.
_FREE: Final = frozenset({"Microsoft.Web/sites/config"})
_LITERALS: Final = {"string": "string", "number": "int", "boolean": "bool", "object": "object", "array": "array"}


@dataclass(frozen=True, slots=True)
class ArmTypes:
    """Properties of each resource type, and the one API version of it that is used here."""

    properties: Mapping[str, Properties]
    versions: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> "ArmTypes":
        """Read `check/arm-types.json` and `api-versions.json` of the folder with the templates."""
        types = json.loads((folder / "check" / "arm-types.json").read_text())
        versions = json.loads((folder / "api-versions.json").read_text())
        return cls({name: one["properties"] for name, one in types.items()}, versions)

    def check(self, template: Template) -> Iterator[Finding]:
        """Unknown types, versions that are not the pinned one, and properties that the type does not have so."""
        for resource in template.resources.values():
            pinned = self.versions.get(resource.type)
            if pinned is None:
                yield template.finding(resource.node, f"{resource.name}: {resource.type} is not in api-versions.json")
            elif resource.api != pinned:
                yield template.finding(resource.node, f"{resource.name}: version {resource.api} instead of {pinned}")
            if resource.type in _FREE or resource.is_existing:
                continue
            if resource.type not in self.properties:
                yield template.finding(resource.node, f"{resource.name}: {resource.type} is not in arm-types.json")
            else:
                yield from self._check_resource(template, resource)

    def _check_resource(self, template: Template, resource: Resource) -> Iterator[Finding]:
        known = {**self.properties[resource.type], **{name: {"type": "any"} for name in _OF_THE_LANGUAGE}}
        known["name"] = {"type": "string", "required": True}
        yield from _check_object(template, resource.body, known, resource.name)


def _check_object(template: Template, obj: Node, known: Properties, where: str) -> Iterator[Finding]:
    has_computed_keys = False
    for key, value in entries(obj):
        name = plain(key)
        if "${" in name:
            has_computed_keys = True
        elif name not in known:
            yield template.finding(key, f"{where}: unknown property {name}")
        elif known[name].get("readOnly"):
            yield template.finding(key, f"{where}.{name} is read-only")
        else:
            yield from _check_value(template, value, known[name], f"{where}.{name}")
    given = members(obj)
    for name, one in known.items():
        if one.get("required") and not one.get("readOnly") and name not in given and not has_computed_keys:
            yield template.finding(obj, f"{where}: {name} is missing")


def _check_value(template: Template, value: Node, known: Mapping[str, Any], where: str) -> Iterator[Finding]:
    for one in _written(template, value):
        yield from _check_literal(template, one, known, where)


def _written(template: Template, value: Node) -> Iterator[Node]:
    """What an expression comes to, as far as it is written: variables, both branches of a choice, parts of a list."""
    children = value.named_children
    if value.type == "identifier" and (variable := template.variables.get(text_of(value))) is not None:
        yield from _written(template, variable)
    elif value.type == "ternary_expression":
        for branch in children[1:]:
            yield from _written(template, branch)
    elif value.type == "call_expression" and text_of(children[0]) == "concat":
        for part in children[-1].named_children:
            yield from _written(template, part)
    else:
        yield value


def _check_literal(template: Template, value: Node, known: Mapping[str, Any], where: str) -> Iterator[Finding]:
    literal, expected = _LITERALS.get(value.type), known["type"]
    if literal is None:
        return
    if expected not in {literal, "any"}:
        yield template.finding(value, f"{where}: {expected} expected, {literal} given")
    elif literal == "string":
        values, given = known.get("values"), plain(value)
        if values and given not in values and "${" not in given:
            yield template.finding(value, f"{where}: {given} is none of {', '.join(values)}")
    elif literal == "object" and "properties" in known:
        yield from _check_object(template, value, known["properties"], where)
    elif literal == "array" and "properties" in known.get("items", {}):
        for item in value.named_children:
            for one in _written(template, item):
                if one.type == "object":
                    yield from _check_object(template, one, known["items"]["properties"], f"{where}[]")
