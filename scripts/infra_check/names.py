"""Names: each that is used is declared, each that is declared is used, and modules get what they ask for."""

from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from scripts.infra_check.template import Finding, Module, Template, Templates, entries, text_of, walk

# Functions of the language, and what may stand before a declaration.
FUNCTIONS: Final = frozenset(
    """any array base64 base64ToJson base64ToString bool cidrHost cidrSubnet coalesce concat contains createArray
    createObject dateTimeAdd deployer deployment empty endsWith environment extensionResourceId fail first flatten
    format guid indexOf int intersection items join json last lastIndexOf length loadJsonContent loadTextContent max min
    objectKeys padLeft parseCidr range readEnvironmentVariable reference replace resourceGroup resourceId skip split
    startsWith string subscription subscriptionResourceId substring take tenant tenantResourceId toLower toUpper
    trim union uniqueString uri uriComponent utcNow""".split()  # noqa: SIM905 - forty names read best as text
)
DECORATORS: Final = frozenset(
    ["allowed", "batchSize", "description", "maxLength", "maxValue", "metadata", "minLength", "minValue", "secure"]
)
# Ordinary Bicep that one of the three parsers does not read.
_NOT_FOR_ALL: Final = {
    "lambda_expression": "a lambda",
    "user_defined_function": "a function of one's own",
    "import_statement": "an import",
    "nullable_type": "a nullable type",
    "union_type": "a union type",
    "array_type": "a typed array",
    "nullable_return_type": "a nullable type",
}
_ALL: Final = 1_000
# How many of a node's first children refer to nothing: the names that declarations give, all of types and decorators.
_NO_REFERENCES: Final = {
    "parameter_declaration": 1,
    "variable_declaration": 1,
    "output_declaration": 1,
    "resource_declaration": 1,
    "module_declaration": 1,
    "decorator": _ALL,
    "metadata_declaration": _ALL,
    "target_scope_assignment": _ALL,
    "type": _ALL,
}


def check_names(template: Template) -> Iterator[Finding]:
    """What is unknown, unused, written twice or outside the subset, in one template."""
    used: set[str] = set()
    for reference, is_call in _references(template.root, frozenset()):
        name = text_of(reference)
        used.add(name)
        if is_call and name not in FUNCTIONS:
            yield template.finding(reference, f"unknown function {name}")
        elif not is_call and not template.declared(name):
            yield template.finding(reference, f"unknown name {name}")
    for name, parameter in template.parameters.items():
        if name not in used:
            yield template.finding(parameter.node, f"unused parameter {name}")
    for name, value in template.variables.items():
        if name not in used:
            yield template.finding(value, f"unused variable {name}")


def check_form(template: Template) -> Iterator[Finding]:
    """What not every parser reads, decorators that there are not, and properties that are written twice."""
    for node in walk(template.root):
        if node.type in _NOT_FOR_ALL:
            yield template.finding(node, f"{_NOT_FOR_ALL[node.type]} is not read by every parser that checks this")
        elif node.type == "decorator":
            yield from _check_decorator(template, node)
        elif node.type == "object":
            yield from _check_object(template, node)


def check_modules(templates: Templates, template: Template) -> Iterator[Finding]:
    """Modules whose file is missing, that lack a parameter or get an unknown one, and unknown outputs."""
    for module in template.modules.values():
        target = templates.get(template.module_path(module))
        if target is None:
            yield template.finding(module.node, f"module {module.name}: no file {module.source}")
        else:
            yield from _check_arguments(template, module, target)
    for node in walk(template.root):
        name, output = output_used(node)
        if name not in template.modules:
            continue
        target = templates.get(template.module_path(template.modules[name]))
        if target is not None and output not in target.outputs:
            yield template.finding(node, f"module {name} has no output {output}")


def _check_arguments(template: Template, module: Module, target: Template) -> Iterator[Finding]:
    given = module.arguments
    for name, value in given.items():
        if name not in target.parameters:
            yield template.finding(value, f"module {module.name}: unknown parameter {name}")
    for name, parameter in target.parameters.items():
        if parameter.default is None and name not in given:
            yield template.finding(module.node, f"module {module.name}: parameter {name} is missing")


def output_used(node: Node) -> tuple[str, str]:
    """The module and the output of `module.outputs.output`; empty for all else."""
    if node.type != "member_expression" or node.named_children[0].type != "member_expression":
        return "", ""
    inner = node.named_children[0].named_children
    if inner[0].type != "identifier" or text_of(inner[-1]) != "outputs":
        return "", ""
    return text_of(inner[0]), text_of(node.named_children[-1])


def _check_decorator(template: Template, node: Node) -> Iterator[Finding]:
    call = node.named_children[0]
    name = text_of(call.named_children[0] if call.type == "call_expression" else call)
    if name not in DECORATORS:
        yield template.finding(node, f"unknown decorator {name}")


def _check_object(template: Template, obj: Node) -> Iterator[Finding]:
    seen: set[str] = set()
    before: Node | None = None
    for key, _ in entries(obj):
        name = text_of(key)
        if name in seen:
            yield template.finding(key, f"property {name} is there twice")
        seen.add(name)
        line = key.parent
        if line is not None and before is not None and _share_a_line(obj, before, line):
            yield template.finding(key, f"no comma or new line before {name}")
        before = line


def _share_a_line(obj: Node, before: Node, after: Node) -> bool:
    # The grammar lets this pass; the compiler does not.
    between = (obj.text or b"")[before.end_byte - obj.start_byte : after.start_byte - obj.start_byte]
    return before.end_point.row == after.start_point.row and b"," not in between


def _references(node: Node, local: frozenset[str]) -> Iterator[tuple[Node, bool]]:
    """Every name that is used below a node, and whether it is called; `local` are the variables of loops around it."""
    children = node.named_children
    match node.type:
        case "identifier":
            children = []
            if text_of(node) not in local:
                yield node, False
        case "object_property" if children[0].type != "string":
            children = children[1:]
        case "call_expression" if children[0].type == "identifier":
            yield children[0], True
            children = children[1:]
        case "for_statement":
            yield from _references(children[1], local)
            local |= _variables(children[0])
            children = children[2:]
        case _:
            children = children[_NO_REFERENCES.get(node.type, 0) :]
    for child in children:
        yield from _references(child, local)


def _variables(node: Node) -> set[str]:
    """What a loop calls its items: `name`, or `(name, index)`."""
    return {text_of(one) for one in ([node] if node.type == "identifier" else node.named_children)}
