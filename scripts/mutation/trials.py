"""Whether tests notice a mutant: each trial is a fork that imports the mutant instead of the file, and runs them.

A fork finds every library imported already, so that a trial costs about as much as its tests.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any, Final, Never

import hypothesis
import pytest

# What the files and their tests need of libraries, and nothing of our own: that has to be imported with the mutant.
_LIBRARIES: Final = ("jwt", "pydantic", "re2", "redis.asyncio", "sqlalchemy.ext.asyncio")
_OPTIONS: Final = (
    "-qqx",
    "--noconftest",
    "--import-mode=importlib",
    *("-o", "addopts="),
    *("-o", "filterwarnings="),
    *("-p", "no:cacheprovider"),
    *("-p", "pytest_asyncio.plugin"),
    *("-p", "_hypothesis_pytestplugin"),
)
_MAX_MEMORY: Final = 4 * 1024**3  # bytes; a mutant may collect without end
_MAX_SECONDS: Final = 120  # of the clock, for what waits without end; what computes without end is told by its CPU
_LONGER: Final = 5  # times the CPU seconds that the tests take with the file as it is
_EXAMPLES: Final = 25  # a quarter of what each property has in a run of all tests
_OWN_FAULT: Final = 70


class Fate(StrEnum):
    """What becomes of a mutant. A trial that ends without an answer has noticed it, too."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMEOUT = "timeout"


class TestsBroken(Exception):
    """The tests do not pass with the file as it is."""


class Trials:
    """Trials of mutants of one file, with its tests."""

    def __init__(self, file: Path, tests: Sequence[Path]) -> None:
        self._file = file
        self._tests = [str(test) for test in tests]
        self._most_cpu = _MAX_SECONDS
        for library in _LIBRARIES:
            import_module(library)

    def prepare(self) -> float:
        """Measure the tests with the file as it is: CPU seconds. Raises `TestsBroken`."""
        before = _cpu_of_children()
        if (fate := self.of(self._file.read_text())) is not Fate.SURVIVED:
            raise TestsBroken(f"{self._file}: {' '.join(self._tests)}: {fate}")
        taken = _cpu_of_children() - before
        self._most_cpu = int(_LONGER * taken) + 2
        return taken

    def of(self, source: str) -> Fate:
        """Run the tests with `source` in the file's place."""
        status = os.waitstatus_to_exitcode(_forked(lambda: self._run(source)))
        if status in {-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL}:
            return Fate.TIMEOUT
        if status == _OWN_FAULT:
            raise TestsBroken(f"{self._file}: the trial itself has failed")
        return Fate.SURVIVED if status == pytest.ExitCode.OK else Fate.KILLED

    def _run(self, source: str) -> int:
        resource.setrlimit(resource.RLIMIT_CPU, (self._most_cpu, self._most_cpu + 1))
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
        signal.alarm(_MAX_SECONDS)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        # The same examples for every mutant, and no search for a smaller one once it is noticed.
        once = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile(
            "trial", phases=once, max_examples=_EXAMPLES, derandomize=True, database=None, deadline=None
        )
        hypothesis.settings.load_profile("trial")
        sys.meta_path.insert(0, _Instead(self._file, source))
        sys.dont_write_bytecode = True
        return int(pytest.main([*_OPTIONS, *self._tests]))


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - its name is SourceLoader's
        return compile(self._source, self.path, "exec")


class _Instead:
    """Imports a file of this repository from a text instead."""

    def __init__(self, file: Path, source: str) -> None:
        self._name = ".".join(file.with_suffix("").parts)
        self._path = str(file.resolve())
        self._source = source

    def find_spec(self, fullname: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._path, loader=_Loader(fullname, self._path, self._source))


def _forked(run: Callable[[], int]) -> int:
    """Return the wait status of a fork that ends with what `run` returns, and says nothing."""
    child = os.fork()
    if not child:
        _end_with(run)
    return os.waitpid(child, 0)[1]


def _end_with(run: Callable[[], int]) -> Never:
    status = _OWN_FAULT
    try:
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(silence, stream)
        status = run()
    finally:
        os._exit(status)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
