"""Mutants of the product's queries: a predicate that keeps one tenant's or one project's rows apart, taken out."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Literal

type Column = Literal["project_id", "tenant_id"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function with one comparison, at `line` of its module, replaced by what is always true."""

    module: ModuleType
    function: FunctionType
    line: int

    @property
    def name(self) -> str:
        return f"{self.module.__name__}.{self.function.__name__}:{self.line}"

    def code(self, column: Column) -> CodeType:
        """Return the function's code without the comparison."""
        tree = _Removal(column, self.line).visit(ast.parse(inspect.getsource(self.module)))
        compiled = compile(ast.fix_missing_locations(tree), str(self.module.__file__), "exec")
        return next(
            one for one in compiled.co_consts if isinstance(one, CodeType) and one.co_name == self.function.__name__
        )


class _Removal(ast.NodeTransformer):
    def __init__(self, column: Column, line: int) -> None:
        self._column = column
        self._line = line

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if node.lineno == self._line and is_scope(node, self._column):
            return ast.Constant(value=True)
        return node


def is_scope(node: ast.AST, column: Column) -> bool:
    """Whether a comparison holds a row's column to the caller's own tenant or project, and not to another row's."""
    match node:
        case ast.Compare(left=ast.Attribute(attr=attr), ops=[ast.Eq()], comparators=[other]) if attr == column:
            return not (isinstance(other, ast.Attribute) and ast.unparse(other.value).endswith("Row"))
    return False


def mutants(module: ModuleType, column: Column) -> Iterator[Mutant]:
    """Yield a mutant for each comparison of `column` in the module's functions."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for line in sorted({one.lineno for one in ast.walk(node) if is_scope(one, column)}):  # type: ignore[attr-defined]  # a Compare has a line
                yield Mutant(module, getattr(module, node.name), line)
