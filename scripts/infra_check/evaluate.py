"""What a template comes to for given parameters, as far as that follows from the text alone."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from tree_sitter import Node

from scripts.infra_check.template import Template, entries, plain, text_of


class Unknown:
    """A value that only Azure can tell, such as an id."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()

_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "empty": lambda one: not one,
    "string": lambda one: json.dumps(one) if not isinstance(one, str) else one,
    "bool": lambda one: str(one).lower() == "true",
    "int": int,
    "concat": lambda *lists: [one for given in lists for one in given],
    "union": lambda *given: {name: value for one in given for name, value in one.items()},
    "split": lambda one, separator: one.split(separator),
    "replace": lambda one, before, after: one.replace(before, after),
    "toLower": str.lower,
    "readEnvironmentVariable": lambda _name, default="": default,
}
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "&&": lambda one, other: one and other,
    "||": lambda one, other: one or other,
}


class Evaluation:
    """A template under given parameters. What cannot be known is `UNKNOWN`, and so is what rests on it."""

    def __init__(self, template: Template, given: Mapping[str, Any]) -> None:
        self._template = template
        self._given = dict(given)
        self._known: dict[str, Any] = dict(given)

    def with_values(self, **given: Any) -> "Evaluation":
        """The same template, with some parameters changed."""
        return Evaluation(self._template, self._given | given)

    def __getitem__(self, name: str) -> Any:
        """The value of a parameter or variable."""
        if name not in self._known:
            parameter = self._template.parameters.get(name)
            node = parameter.default if parameter is not None else self._template.variables.get(name)
            self._known[name] = self.of(node) if node is not None else UNKNOWN
        return self._known[name]

    def of(self, node: Node) -> Any:
        """The value of an expression."""
        evaluate = _EXPRESSIONS.get(node.type)
        return UNKNOWN if evaluate is None else evaluate(self, node)


def _text(scope: Evaluation, node: Node) -> Any:
    parts: list[str] = []
    for one in node.named_children:
        part = scope.of(one.named_children[0]) if one.type == "interpolation" else text_of(one)
        if part is UNKNOWN:
            return UNKNOWN
        parts.append(str(part))
    return "".join(parts)


def _ternary(scope: Evaluation, node: Node) -> Any:
    condition, then, otherwise = node.named_children
    value = scope.of(condition)
    return UNKNOWN if value is UNKNOWN else scope.of(then if value else otherwise)


def _unary(scope: Evaluation, node: Node) -> Any:
    value = scope.of(node.named_children[0])
    return UNKNOWN if value is UNKNOWN or not text_of(node).startswith("!") else not value


def _binary(scope: Evaluation, node: Node) -> Any:
    one, other = (scope.of(side) for side in node.named_children)
    operator = _OPERATORS.get(next(text_of(child) for child in node.children if not child.is_named))
    return UNKNOWN if operator is None or UNKNOWN in (one, other) else operator(one, other)


def _loop(scope: Evaluation, node: Node) -> Any:
    variable, collection, body = node.named_children
    items = scope.of(collection)
    if items is UNKNOWN or variable.type != "identifier":
        return UNKNOWN
    return [scope.with_values(**{text_of(variable): one}).of(body) for one in items]


def _member(scope: Evaluation, node: Node) -> Any:
    whole = scope.of(node.named_children[0])
    return whole.get(text_of(node.named_children[-1]), UNKNOWN) if isinstance(whole, dict) else UNKNOWN


def _call(scope: Evaluation, node: Node) -> Any:
    function = _FUNCTIONS.get(text_of(node.named_children[0]))
    arguments = [scope.of(one) for one in node.named_children[-1].named_children]
    return UNKNOWN if function is None or UNKNOWN in arguments else function(*arguments)


_EXPRESSIONS: Final[Mapping[str, Callable[[Evaluation, Node], Any]]] = {
    "array": lambda scope, node: [scope.of(one) for one in node.named_children if one.type != "comment"],
    "binary_expression": _binary,
    "boolean": lambda _, node: text_of(node) == "true",
    "call_expression": _call,
    "for_statement": _loop,
    "identifier": lambda scope, node: scope[text_of(node)],
    "member_expression": _member,
    "null": lambda _, __: None,
    "number": lambda _, node: int(text_of(node)),
    "object": lambda scope, node: {plain(key): scope.of(value) for key, value in entries(node)},
    "parenthesized_expression": lambda scope, node: scope.of(node.named_children[0]),
    "string": _text,
    "ternary_expression": _ternary,
    "unary_expression": _unary,
}
