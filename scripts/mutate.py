"""Mutation testing: mistakes are put into the files that decide, and their tests have to notice."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from scripts.mutation.mutants import Mutant, mutants_of
from scripts.mutation.pure_files import TESTS_OF
from scripts.mutation.trials import Fate, TestsBroken, Trials

_ENOUGH: Final = 0.9
_SHOWN: Final = 90  # characters of a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What became of a file's mutants, and those that nobody noticed."""

    file: Path
    fates: Mapping[Fate, int]
    survivors: Sequence[Mutant]

    @property
    def noticed(self) -> float:
        """The share of mutants that the tests noticed, 0-1."""
        total = sum(self.fates.values())
        return 1 - len(self.survivors) / total if total else 0.0


def try_file(file: Path) -> Figures:
    """Try all mutants of a file. Raises `TestsBroken`."""
    trials, fates, survivors = Trials(file, TESTS_OF[file]), Counter[Fate](), []
    trials.prepare()
    for mutant in mutants_of(file.read_text()):
        fate = trials.of(mutant.source)
        fates[fate] += 1
        if fate is Fate.SURVIVED:
            survivors.append(mutant)
    return Figures(file=file, fates=fates, survivors=survivors)


def report(found: Figures) -> str:
    """Return a file's figures as lines."""
    counts = "".join(f"{found.fates.get(fate, 0):>5} {fate}" for fate in Fate)
    lines = [f"{found.file!s:<44}{found.noticed:>7.1%}{counts}"]
    lines += [f"    line {one.line}: {_shown(one.before)} -> {_shown(one.after)}" for one in found.survivors]
    return "\n".join(lines)


def stated(found: Figures) -> dict[str, Any]:
    """Return a file's figures as JSON has them."""
    survivors = [{name: value for name, value in asdict(one).items() if name != "source"} for one in found.survivors]
    counts = {fate.value: found.fates.get(fate, 0) for fate in Fate}
    return {"file": str(found.file), "noticed": round(found.noticed, 3), **counts, "survivors": survivors}


def _shown(code: str) -> str:
    line = " ".join(code.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def main(files: Sequence[Path], *, as_json: bool) -> bool:
    """Try these files; whether enough was noticed in each."""
    found = []
    for file in files:
        found.append(try_file(file))
        if not as_json:
            print(report(found[-1]), flush=True)
    if as_json:
        print(json.dumps([stated(one) for one in found], indent=2))
    return all(one.noticed >= _ENOUGH for one in found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("file", nargs="*", type=Path, help="only these files of the table")
    chosen = parser.parse_args()
    if unknown := [str(file) for file in chosen.file if file not in TESTS_OF]:
        parser.error(f"not in the table of scripts/mutation/pure_files.py: {', '.join(unknown)}")
    try:
        sys.exit(0 if main(chosen.file or list(TESTS_OF), as_json=chosen.json) else 1)
    except TestsBroken as broken:
        sys.exit(f"error: the tests do not pass with the file as it is: {broken}")
