"""Bicep as data: what a template declares, read from the syntax tree of tree-sitter."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, Self

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

_PARSER: Final = Parser(Language(tree_sitter_bicep.language()))
_TYPES: Final = {"type", "nullable_type", "union_type", "array_type", "primitive_type"}

type Templates = Mapping[str, Template]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong: in which file, relative to the folder, in which line (from 1), and what."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter. Without a default it has to be given."""

    node: Node
    default: Node | None
    allowed: Node | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource. `body` describes one of them where it is a loop over `items`; `condition` says whether it is made."""

    name: str
    type: str
    api: str
    node: Node
    body: Node
    is_existing: bool
    condition: Node | None
    items: Node | None


@dataclass(frozen=True, slots=True)
class Module:
    """A use of another template, `source`, by its path relative to this one."""

    name: str
    source: str
    node: Node
    body: Node
    condition: Node | None

    @property
    def arguments(self) -> Mapping[str, Node]:
        """What is given to the parameters, by name."""
        given = members(self.body).get("params")
        return members(given) if given is not None else {}


@dataclass(slots=True)
class Template:
    """One `.bicep` file. `path` is relative to the folder; a broken file declares what could be read."""

    path: str
    root: Node
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: dict[str, Node] = field(default_factory=dict)
    outputs: dict[str, Node] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def parse(cls, path: str, source: str) -> Self:
        """Read a template."""
        found = cls(path, _PARSER.parse(source.encode()).root_node)
        found._find_broken(found.root)
        allowed: Node | None = None
        for node in found.root.named_children:
            if node.type == "decorators":
                allowed = _allowed(node)
                continue
            found._declare(node, allowed)
            allowed = None
        return found

    def finding(self, node: Node, text: str) -> Finding:
        """Something wrong at a node."""
        return Finding(self.path, node.start_point.row + 1, text)

    def declared(self, name: str) -> bool:
        """Whether the template itself gives a name to something."""
        return any(name in names for names in (self.parameters, self.variables, self.resources, self.modules))

    def module_path(self, module: Module) -> str:
        """Where a module's template is, relative to the folder."""
        parts: list[str] = []
        for part in (PurePosixPath(self.path).parent / module.source).parts:
            if part == ".." and parts:
                parts.pop()
            else:
                parts.append(part)
        return "/".join(parts)

    def _find_broken(self, node: Node) -> None:
        if node.type == "ERROR" or node.is_missing:
            self.findings.append(self.finding(node, f"syntax: {text_of(node)[:40]!r}"))
        elif node.has_error:
            for child in node.children:
                self._find_broken(child)

    def _declare(self, node: Node, allowed: Node | None) -> None:
        named = [child for child in node.named_children if child.type == "identifier"]
        if not named:
            return
        name = text_of(named[0])
        if node.type == "output_declaration":
            if name in self.outputs:
                self.findings.append(self.finding(node, f"output {name} is there twice"))
            self.outputs[name] = node.named_children[-1]
            return
        if self.declared(name):
            self.findings.append(self.finding(node, f"{name} is there twice"))
        match node.type:
            case "parameter_declaration":
                last = node.named_children[-1]
                default = None if last.type in _TYPES or last == named[0] else last
                self.parameters[name] = Parameter(node, default, allowed)
            case "variable_declaration":
                self.variables[name] = node.named_children[-1]
            case "resource_declaration":
                self._declare_resource(node, name)
            case "module_declaration":
                body, condition, _ = _unwrap(node.named_children[-1])
                if body is not None:
                    self.modules[name] = Module(name, plain(node.named_children[1]), node, body, condition)

    def _declare_resource(self, node: Node, name: str) -> None:
        body, condition, items = _unwrap(node.named_children[-1])
        if body is not None:
            kind, _, api = plain(node.named_children[1]).partition("@")
            existing = any(child.type == "existing" for child in node.children)
            self.resources[name] = Resource(name, kind, api, node, body, existing, condition, items)


def read_templates(folder: Path) -> dict[str, Template]:
    """Every `.bicep` file below a folder, by its path relative to it."""
    paths = sorted(folder.rglob("*.bicep"))
    return {name: Template.parse(name, path.read_text()) for path in paths if (name := str(path.relative_to(folder)))}


def text_of(node: Node) -> str:
    """What is written there."""
    return (node.text or b"").decode()


def plain(node: Node) -> str:
    """A string's content, `${…}` as it is written. A name is its own content."""
    return text_of(node).strip("'")


def entries(obj: Node) -> Iterator[tuple[Node, Node]]:
    """The keys and values of an object, in their order."""
    for one in obj.named_children:
        if one.type == "object_property" and len(one.named_children) > 1:
            yield one.named_children[0], one.named_children[1]


def members(obj: Node) -> dict[str, Node]:
    """The values of an object by their keys, as they are written."""
    return {plain(key): value for key, value in entries(obj)} if obj.type == "object" else {}


def below(obj: Node, path: str) -> Node | None:
    """The value at a dotted path below an object, None where there is none."""
    found: Node | None = obj
    for key in path.split("."):
        if found is None:
            return None
        found = members(found).get(key)
    return found


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for child in node.named_children:
        yield from walk(child)


def _unwrap(node: Node) -> tuple[Node | None, Node | None, Node | None]:
    """The object of a declaration, its condition, and what it is repeated for."""
    match node.type:
        case "object":
            return node, None, None
        case "if_statement":
            condition, body = node.named_children[0], node.named_children[-1]
            return body, condition, None
        case "for_statement":
            return node.named_children[-1], None, node.named_children[-2]
    return None, None, None


def _allowed(decorators: Node) -> Node | None:
    for one in walk(decorators):
        if one.type == "call_expression" and text_of(one.named_children[0]) == "allowed":
            return one.named_children[1].named_children[0]
    return None
