"""Mutants of a file: copies with one small mistake each.

The mistakes are mutmut's own operators. Its runner makes them in functions alone, and never in a decorated one; here
the laws are tables, enumerations and frozen dataclasses, so every expression of a file gets its turn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string

# What says nothing at run time, and what no test can tell apart.
_PASSED_OVER: Final = (cst.Annotation, cst.Import, cst.ImportFrom, cst.TypeAlias, cst.TypeParameters)
_DECORATORS: Final = {"dataclass"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A file with one mistake, at `line` of the original; `before` and `after` are the code that differs."""

    line: int
    before: str
    after: str
    source: str


def mutants_of(source: str) -> Iterator[Mutant]:
    """Yield the mutants of a module that still compile, in the order of its text."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    module, positions = wrapper.module, wrapper.resolve(PositionProvider)
    for node in _nodes(module):
        for mutated in _mistakes(node):
            changed = cst.ensure_type(module.deep_replace(node, mutated), cst.Module).code
            if changed == source or not _compiles(changed):
                continue
            yield Mutant(
                line=positions[node].start.line,
                before=module.code_for_node(node).strip(),
                after=module.code_for_node(mutated).strip(),
                source=changed,
            )


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, _PASSED_OVER) or _is_docstring(node) or _is_dataclass(node):
        return
    yield node
    for child in node.children:
        yield from _nodes(child)


def _is_docstring(node: cst.CSTNode) -> bool:
    """Whether this is a statement that is only a text."""
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString | cst.ConcatenatedString)


def _is_dataclass(node: cst.CSTNode) -> bool:
    """Whether this is `@dataclass(…)`, whose options (frozen, slots) are for the type checker and for speed."""
    call = node.decorator if isinstance(node, cst.Decorator) else None
    return isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value in _DECORATORS


def _mistakes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for kind, operator in mutation_operators:
        if not isinstance(node, kind):
            continue
        found = list(operator(node))
        if operator is operator_string:
            found = found[:1]  # the others change only the case of its letters
        if operator is operator_arg_removal and isinstance(node, cst.Call):
            found = [one for one in found if _is_telling(node, one)]
        yield from found


def _is_telling(call: cst.Call, mutated: cst.CSTNode) -> bool:
    """Whether None stands for an argument that is not false already.

    A call that lacks an argument altogether fails wherever it is made, which any test would notice.
    """
    arguments = cst.ensure_type(mutated, cst.Call).args
    return len(arguments) == len(call.args) and not any(
        new is not old and isinstance(old.value, cst.Name) and old.value.value == "False"
        for old, new in zip(call.args, arguments, strict=True)
    )


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True
