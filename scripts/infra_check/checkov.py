"""Checkov's rules, in an environment of its own: it pins an older parser than ours."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scripts.infra_check.template import Finding

VERSION: Final = "3.3.30"
_SECONDS: Final = 300  # to install and to run; it takes half a minute and a few seconds
# Checkov follows these parameters to their defaults, or not, by the order of a set of paths. `policy.MUST` judges them,
# and tests/infra the names (43).
UNSTEADY: Final = ("CKV_AZURE_35", "CKV_AZURE_43", "CKV_AZURE_109", "CKV_AZURE_225")


class CheckovMissing(Exception):
    """It is not here and could not be fetched; the text says why."""


@dataclass(frozen=True, slots=True)
class Report:
    """How many rules held, what failed (rule, resource, file, line), and which files it could read."""

    passed: int
    failed: tuple[tuple[str, str, str, int], ...]
    files: frozenset[str]
    unread: int


def find_checkov(folder: Path) -> Path:
    """The program, fetched into `folder` when it is not there yet.

    Raises:
        CheckovMissing: no uv, or it could not download.

    """
    program = folder / VERSION / "bin" / "checkov"
    if not program.exists():
        uv = os.environ.get("UV") or shutil.which("uv") or str(folder.parent / "uv" / "bin" / "uv")
        try:
            for command in (
                [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(program.parents[1])],
                [uv, "pip", "install", "--quiet", "--python", str(program.parents[1]), f"checkov=={VERSION}"],
            ):
                subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)
        except FileNotFoundError:
            raise CheckovMissing("Checkov is not here, and there is no uv to fetch it") from None
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
            last = str(failure.stderr or failure).strip().splitlines()[-1:]
            raise CheckovMissing(f"Checkov could not be fetched: {''.join(last)}") from None
    return program


def run_checkov(program: Path, folder: Path) -> Report:
    """Run it over a folder, without the network."""
    arguments = ["-d", str(folder), "--framework", "bicep", "--skip-download", "--compact", "-o", "json"]
    arguments += ["--skip-check", ",".join(UNSTEADY)]
    ended = subprocess.run(
        [str(program), *arguments],
        check=False,  # it ends with 1 when a rule fails
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env={**os.environ, "LOG_LEVEL": "CRITICAL"},
    )
    said: dict[str, Any] = json.loads(ended.stdout[ended.stdout.index("{") :])
    results = said["results"]
    failed = tuple(
        (one["check_id"], one["resource"], one["file_path"].lstrip("/"), one["file_line_range"][0])
        for one in results["failed_checks"]
    )
    seen = {one["file_path"].lstrip("/") for one in [*results["passed_checks"], *results["failed_checks"]]}
    return Report(said["summary"]["passed"], failed, frozenset(seen), said["summary"]["parsing_errors"])


def judge(report: Report, skips: Mapping[str, str]) -> Iterator[Finding]:
    """What failed without a reason to skip it, the reasons that nothing needs any more, and files it could not read."""
    if report.unread:
        yield Finding(".", 1, f"Checkov could not read {report.unread} files, and would have passed them in silence")
    for rule, resource, file, line in report.failed:
        if rule not in skips:
            yield Finding(file, line, f"{rule}: {resource}")
    for rule in sorted(set(skips) - {one[0] for one in report.failed}):
        yield Finding("check/checkov-skips.json", 1, f"{rule} is skipped and nothing fails it")
