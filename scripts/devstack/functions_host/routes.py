"""Route templates and the choice of a function for a request, as ASP.NET Core routing and the Functions host do it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final
from urllib.parse import unquote

from scripts.devstack.functions_host.constraints import Constraint, constraint

RESERVED: Final = ("admin", "runtime")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`{name}`, `{name:constraint}`, `{name?}`, `{name=default}`, `{*name}`."""

    name: str
    constraints: tuple[Constraint, ...] = ()
    default: str | None = None
    is_optional: bool = False
    is_catch_all: bool = False

    @property
    def may_be_absent(self) -> bool:
        return self.is_optional or self.is_catch_all or self.default is not None

    def accepts(self, value: str) -> bool:
        return all(check(value) for check in self.constraints)


type Segment = tuple[str | Parameter, ...]


def parse_template(template: str) -> tuple[Segment, ...]:
    """Split `orders/{id:int}/{*rest}` into segments, each a row of literals and parameters.

    Raises ValueError for a template that ASP.NET Core would refuse.
    """
    text = template.strip("/")
    segments = tuple(tuple(_parts(segment)) for segment in _split(text, "/")) if text else ()
    parameters = _parameters(segments)
    if len({parameter.name.lower() for parameter in parameters}) < len(parameters):
        raise ValueError(f"The route template '{template}' uses a parameter name twice.")
    if any(part.is_optional or part.is_catch_all for part in parameters if (part,) != segments[-1]):
        raise ValueError(f"In the route template '{template}' an optional or catch-all part is not the last.")
    return segments


def _parameters(segments: Sequence[Segment]) -> list[Parameter]:
    return [part for segment in segments for part in segment if isinstance(part, Parameter)]


def _split(text: str, separator: str) -> Iterator[str]:
    """Split at `separator` wherever it stands outside braces and parentheses."""
    start = depth = 0
    for at, character in enumerate(text):
        depth += (character in "{(") - (character in "})")
        if character == separator and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _parts(segment: str) -> Iterator[str | Parameter]:
    """The literals and parameters of one segment; `{{` and `}}` in a parameter stand for single braces."""
    while segment:
        opening = re.search(r"(?<!\{)\{(?!\{)", segment)
        if opening is None:
            yield segment
            return
        if opening.start():
            yield segment[: opening.start()]
        closing = re.compile(r"(?<!\})(?:\}\})*\}(?!\})").search(segment, opening.end())
        if closing is None:
            raise ValueError(f"There is an incomplete parameter in the route segment '{segment}'.")
        yield _parameter(segment[opening.end() : closing.end() - 1].replace("{{", "{").replace("}}", "}"))
        segment = segment[closing.end() :]


def _parameter(text: str) -> Parameter:
    head, *constraints = _split(text.lstrip("*"), ":")
    last = constraints[-1] if constraints else head
    is_optional = last.endswith("?")
    body, *default = _split(last.removesuffix("?"), "=")
    if constraints:
        constraints[-1] = body
    else:
        head = body
    if not re.fullmatch(r"\w+", head):
        raise ValueError(f"The route parameter name '{head}' is invalid.")
    return Parameter(
        name=head,
        constraints=tuple(constraint(each) for each in constraints),
        default="=".join(default) if default else None,
        is_optional=is_optional,
        is_catch_all=text.startswith("*"),
    )


class Route:
    """One function's template and methods."""

    def __init__(self, template: str, methods: Sequence[str] = ()) -> None:
        self.template = template
        self.methods = frozenset(method.upper() for method in methods)
        self.segments = parse_template(template)
        self._parameters = _parameters(self.segments)
        self._pattern = re.compile(_pattern(self.segments), re.IGNORECASE | re.DOTALL)

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The route values of a request, or None. An empty set of methods takes all of them.

        `path` has its percent-encoding removed, except for `%2F`.
        """
        if self.methods and method not in self.methods:
            return None
        found = self._pattern.fullmatch(path)
        if found is None:
            return None
        values = {}
        for parameter, value in zip(self._parameters, found.groups(), strict=True):
            if value:
                if not parameter.accepts(value):
                    return None
                values[parameter.name] = value
            elif parameter.default is not None:
                values[parameter.name] = parameter.default
        return values


def _pattern(segments: Sequence[Segment]) -> str:
    """A regular expression with one group per parameter; those that may be absent nest in optional groups."""
    pattern, may_end_here = "/?", True
    for segment in reversed(segments):
        may_end_here = may_end_here and _may_be_absent(segment)
        taken = "/" + "".join(_part_pattern(part) for part in segment) + pattern
        pattern = f"(?:{taken}|/?)" if may_end_here else taken
    return pattern


def _part_pattern(part: str | Parameter) -> str:
    if isinstance(part, str):
        return re.escape(part)
    return "(.*)" if part.is_catch_all else "([^/]+)"


def _may_be_absent(segment: Segment) -> bool:
    return all(isinstance(part, Parameter) and part.may_be_absent for part in segment)


def decode_path(raw: str) -> str:
    """Remove percent-encoding, but keep an encoded slash: it does not separate segments."""
    return unquote(re.sub("%2f", "%252F", raw, flags=re.IGNORECASE)) if "%" in raw else raw


def hidden(routes: Sequence[tuple[str, Route]]) -> Iterator[tuple[str, str]]:
    """Pairs of names of which the earlier one can take the later one's requests: the host knows no specificity."""
    for (winner, first), (loser, second) in combinations(routes, 2):
        shares_method = not first.methods or not second.methods or first.methods & second.methods
        if shares_method and _overlap(first.segments, second.segments):
            yield winner, loser


def _overlap(first: Sequence[Segment], second: Sequence[Segment]) -> bool:
    """Whether some path fits both. May say yes to parameters whose constraints exclude each other."""
    for one, other in zip(first, second, strict=False):
        if any(isinstance(part, Parameter) and part.is_catch_all for part in (*one, *other)):
            return True
        if not _meet(one, other):
            return False
    return all(_may_be_absent(segment) for segment in (*first[len(second) :], *second[len(first) :]))


def _meet(one: Segment, other: Segment) -> bool:
    match one, other:
        case (str(),), (str(),):
            return str(one[0]).lower() == str(other[0]).lower()
        case ((str() as literal,), (Parameter() as parameter,)) | ((Parameter() as parameter,), (str() as literal,)):
            return parameter.accepts(literal)
    return True
