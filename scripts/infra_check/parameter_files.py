"""The parameter files: `.bicepparam` for people and pipelines, `main.parameters.json` for azd."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from scripts.infra_check.evaluate import Evaluation
from scripts.infra_check.template import Finding, Template, Templates, text_of

_USING: Final = re.compile(r"^using '(?:\./)?([^']+)'$", re.MULTILINE)
_PARAM: Final = re.compile(r"^param ", re.MULTILINE)
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?:=([^}]*))?\}")


def read_parameters(path: Path) -> tuple[str, Template]:
    """A `.bicepparam` file: the template that it is for, and its values as variables.

    No grammar knows the format, but without its first line, and `var` for `param`, it is Bicep.
    """
    source = path.read_text()
    using = _USING.search(source)
    plain_bicep = _PARAM.sub("var ", _USING.sub("", source))
    return using[1] if using else "", Template.parse(path.name, plain_bicep)


def check_parameters(path: Path, templates: Templates) -> Iterator[Finding]:
    """What is unknown, missing or not allowed in a `.bicepparam` file."""
    using, values = read_parameters(path)
    yield from values.findings
    template = templates.get(using)
    if template is None:
        yield Finding(path.name, 1, f"no template {using or 'is named'}")
        return
    for name, node in values.variables.items():
        if name not in template.parameters:
            yield values.finding(node, f"unknown parameter {name}")
        elif (allowed := template.parameters[name].allowed) is not None and node.type == "string":
            given = {text_of(one) for one in allowed.named_children}
            if text_of(node) not in given:
                yield values.finding(node, f"{name}: {text_of(node)} is none of {', '.join(sorted(given))}")
    yield from _missing(path.name, values.variables, template)


def check_azd_parameters(path: Path, template: Template) -> Iterator[Finding]:
    """What is unknown or missing in azd's parameter file."""
    given = json.loads(path.read_text())["parameters"]
    for name in given:
        if name not in template.parameters:
            yield Finding(path.name, 1, f"unknown parameter {name}")
    yield from _missing(path.name, given, template)


def effective(template: Template, path: Path, **known: Any) -> Evaluation:
    """The template under a `.bicepparam` file, without any environment variable; `known` is what only Azure knows."""
    _, values = read_parameters(path)
    own = Evaluation(values, {})
    return Evaluation(template, {name: own[name] for name in values.variables} | known)


def azd_defaults(path: Path) -> Mapping[str, Any]:
    """What azd gives to each parameter while its environment variable is not set."""
    given = json.loads(path.read_text())["parameters"]
    return {name: _VARIABLE.sub(lambda found: found[2] or "", one["value"]) for name, one in given.items()}


def _missing(file: str, given: Mapping[str, Any], template: Template) -> Iterator[Finding]:
    for name, parameter in template.parameters.items():
        if parameter.default is None and name not in given:
            yield Finding(file, 1, f"parameter {name} is missing")
