"""Mutants: one mistake each, in everything that a file decides by."""

from scripts.mutation.mutants import mutants_of

SOURCE = '''"""Only words."""

from dataclasses import dataclass
from enum import StrEnum

MOST: int = 3
LAW = {("a", "b"): True}


class Word(StrEnum):
    """Only words."""

    ONE = "one"


@dataclass(frozen=True)
class Pair:
    left: int | None

    @property
    def is_odd(self) -> bool:
        return self.left != 2


def most(*some: int) -> int:
    return max(some, default=0)
'''


def test_tables_enumerations_properties_and_functions_all_get_their_turn() -> None:
    found = {(one.line, one.before, one.after) for one in mutants_of(SOURCE)}
    assert {
        (6, "3", "4"),
        (7, '"a"', '"XXaXX"'),
        (7, "True", "False"),
        (13, '"one"', '"XXoneXX"'),
        (22, "!= 2", "== 2"),
        (22, "2", "3"),
        (26, "max(some, default=0)", "max(some, default=None)"),
    } <= found


def test_words_types_and_what_nobody_could_tell_apart_are_left_alone() -> None:
    assert {one.line for one in mutants_of(SOURCE)} == {6, 7, 13, 22, 26}
    assert list(mutants_of('"""Only words."""\n')) == []
    assert "print(1, end=None)" not in {one.after for one in mutants_of("print(1, end=False)\n")}


def test_each_mutant_is_another_module_that_compiles() -> None:
    sources = [one.source for one in mutants_of(SOURCE)]
    assert len({SOURCE, *sources}) == len(sources) + 1
    for source in sources:
        compile(source, "mutant", "exec")
