"""The subset of OData filters that selects the receivers of a message.

Properties `userId`, `connectionId`, `groups`; `and or not`, `eq ne gt ge lt le in`; the string functions below.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterator
from enum import Enum, auto
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

MAX_CLAUSES = 100
MAX_DEPTH = 50

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+)(?!\w)|(?P<word>[A-Za-z_]\w*)|(?P<mark>[(),]))",
)


class InvalidFilter(ValueError):
    """The filter is not in the subset; the text says where."""


class Subject(Protocol):
    """What a filter looks at."""

    @property
    def id(self) -> str: ...
    @property
    def user_id(self) -> str | None: ...
    @property
    def groups(self) -> Collection[str]: ...


class Kind(Enum):
    TEXT = auto()
    NUMBER = auto()
    TRUTH = auto()
    NULL = auto()
    TEXTS = auto()


class Node(NamedTuple):
    """A typed expression. Null runs through functions and makes comparisons false, so `value` is of any type."""

    kind: Kind
    value: Callable[[Subject], Any]


class Function(NamedTuple):
    result: Kind
    arguments: tuple[Kind, ...]
    optional: int
    call: Callable[..., Any]


NAMES = {
    "userId": Node(Kind.TEXT, lambda subject: subject.user_id),
    "connectionId": Node(Kind.TEXT, lambda subject: subject.id),
    "groups": Node(Kind.TEXTS, lambda subject: subject.groups),
    "true": Node(Kind.TRUTH, lambda _: True),
    "false": Node(Kind.TRUTH, lambda _: False),
    "null": Node(Kind.NULL, lambda _: None),
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
EQUALITY = ("eq", "ne")
FUNCTIONS = {
    "startswith": Function(Kind.TRUTH, (Kind.TEXT, Kind.TEXT), 0, str.startswith),
    "endswith": Function(Kind.TRUTH, (Kind.TEXT, Kind.TEXT), 0, str.endswith),
    "contains": Function(Kind.TRUTH, (Kind.TEXT, Kind.TEXT), 0, operator.contains),
    "tolower": Function(Kind.TEXT, (Kind.TEXT,), 0, str.lower),
    "toupper": Function(Kind.TEXT, (Kind.TEXT,), 0, str.upper),
    "trim": Function(Kind.TEXT, (Kind.TEXT,), 0, str.strip),
    "concat": Function(Kind.TEXT, (Kind.TEXT, Kind.TEXT), 0, operator.add),
    "indexof": Function(Kind.NUMBER, (Kind.TEXT, Kind.TEXT), 0, str.find),
    "length": Function(Kind.NUMBER, (Kind.TEXT,), 0, len),
    "substring": Function(
        Kind.TEXT,
        (Kind.TEXT, Kind.NUMBER, Kind.NUMBER),
        1,
        lambda text, start, size=None: text[max(start, 0) :][:size],
    ),
}


@lru_cache(maxsize=256)
def compile_filter(text: str) -> Callable[[Subject], bool]:
    """A predicate over subjects.

    Raises:
        InvalidFilter: not in the subset, ill-typed, or too long.

    """
    node = _Parser(text).parse()
    return lambda subject: bool(node.value(subject))


class _Parser:
    """Recursive descent, one method for each level of precedence."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._position = 0
        self._clauses = 0
        self._depth = 0

    def parse(self) -> Node:
        node = self._truth(self._disjunction())
        if self._peek():
            raise InvalidFilter(f"Unexpected {self._peek()!r}.")
        return node

    def _disjunction(self) -> Node:
        left = self._conjunction()
        while self._accept("or"):
            left = _either(self._truth(left), self._truth(self._conjunction()))
        return left

    def _conjunction(self) -> Node:
        left = self._negation()
        while self._accept("and"):
            left = _both(self._truth(left), self._truth(self._negation()))
        return left

    def _negation(self) -> Node:
        negations = 0
        while self._accept("not"):
            negations += 1
        node = self._comparison()
        return _negated(self._truth(node)) if negations % 2 else node

    def _comparison(self) -> Node:
        self._clauses += 1
        if self._clauses > MAX_CLAUSES:
            raise InvalidFilter(f"More than {MAX_CLAUSES} clauses.")
        left = self._operand()
        word = self._peek()
        if word in COMPARISONS:
            self._position += 1
            return _compared(left, word, self._operand())
        if self._accept("in"):
            return _member(left, self._collection())
        return left

    def _collection(self) -> list[Node]:
        if not self._accept("("):
            return [self._operand()]
        nodes = [self._operand()]
        while self._accept(","):
            nodes.append(self._operand())
        self._expect(")")
        return nodes

    def _operand(self) -> Node:
        token = self._next()
        if token == "(":  # noqa: S105 (a parenthesis, not a secret)
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise InvalidFilter(f"Nested deeper than {MAX_DEPTH}.")
            node = self._disjunction()
            self._expect(")")
            self._depth -= 1
            return node
        if token.startswith("'"):
            text = token[1:-1].replace("''", "'")
            return Node(Kind.TEXT, lambda _: text)
        if token.lstrip("-").isdigit():
            number = int(token)
            return Node(Kind.NUMBER, lambda _: number)
        if token in FUNCTIONS:
            return self._call(token, FUNCTIONS[token])
        if token in NAMES:
            return NAMES[token]
        raise InvalidFilter(f"Unknown word {token!r}.")

    def _call(self, name: str, function: Function) -> Node:
        self._expect("(")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidFilter(f"Nested deeper than {MAX_DEPTH}.")
        arguments = [self._operand()]
        while self._accept(","):
            arguments.append(self._operand())
        self._expect(")")
        self._depth -= 1
        least = len(function.arguments) - function.optional
        given = tuple(argument.kind for argument in arguments)
        if len(given) < least or given != function.arguments[: len(given)]:
            raise InvalidFilter(f"Wrong arguments of {name}.")
        return _applied(function, arguments)

    @staticmethod
    def _truth(node: Node) -> Node:
        if node.kind is not Kind.TRUTH:
            raise InvalidFilter("A condition is wanted where a value stands.")
        return node

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise InvalidFilter("The filter ends too early.")
        self._position += 1
        return token

    def _accept(self, token: str) -> bool:
        found = self._peek() == token
        self._position += found
        return found

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise InvalidFilter(f"{token!r} is missing.")


def _tokens(text: str) -> Iterator[str]:
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise InvalidFilter(f"Cannot read the filter at position {position}.")
        position = token.end()
        yield token[0].strip()


def _either(left: Node, right: Node) -> Node:
    return Node(Kind.TRUTH, lambda subject: left.value(subject) or right.value(subject))


def _both(left: Node, right: Node) -> Node:
    return Node(Kind.TRUTH, lambda subject: left.value(subject) and right.value(subject))


def _negated(node: Node) -> Node:
    return Node(Kind.TRUTH, lambda subject: not node.value(subject))


def _compared(left: Node, word: str, right: Node) -> Node:
    kinds = {left.kind, right.kind} - {Kind.NULL}
    if len(kinds) > 1 or Kind.TEXTS in kinds:
        raise InvalidFilter(f"{word} compares values of one type.")
    compare = COMPARISONS[word]
    if word in EQUALITY:
        return Node(Kind.TRUTH, lambda subject: compare(left.value(subject), right.value(subject)))

    def ordered(subject: Subject) -> bool:
        one, other = left.value(subject), right.value(subject)
        return one is not None and other is not None and compare(one, other)

    return Node(Kind.TRUTH, ordered)


def _member(item: Node, collection: list[Node]) -> Node:
    match collection:
        case [Node(kind=Kind.TEXTS) as texts] if item.kind is Kind.TEXT:
            return Node(Kind.TRUTH, lambda subject: item.value(subject) in texts.value(subject))
        case nodes if all(node.kind is item.kind for node in nodes) and item.kind is not Kind.TEXTS:
            return Node(Kind.TRUTH, lambda subject: item.value(subject) in [node.value(subject) for node in nodes])
    raise InvalidFilter("in wants a value and a list of its type, or groups.")


def _applied(function: Function, arguments: list[Node]) -> Node:
    def call(subject: Subject) -> Any:
        values = [argument.value(subject) for argument in arguments]
        return None if None in values else function.call(*values)

    return Node(function.result, call)
