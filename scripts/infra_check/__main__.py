"""Check the Bicep templates as far as that goes without the compiler: see infra/README.md for what it cannot know."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from pycep import BicepParser

from scripts.devstack.progress import DIM, GREEN, RED, Progress
from scripts.infra_check.arm_types import ArmTypes
from scripts.infra_check.checkov import CheckovMissing, find_checkov, judge, run_checkov
from scripts.infra_check.names import check_form, check_modules, check_names
from scripts.infra_check.parameter_files import check_azd_parameters, check_parameters
from scripts.infra_check.policy import check_policy
from scripts.infra_check.template import Finding, Templates, read_templates

INFRA: Final = Path(__file__).parents[2] / "infra"
CHECKOV: Final = Path(__file__).parents[2] / ".devstack" / "checkov"


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of check: how many things it looked at, what it found, its time in seconds, and why it did not run."""

    name: str
    looked_at: str
    findings: list[Finding]
    seconds: float
    skipped: str = ""


def check_templates(templates: Templates, types: ArmTypes) -> Iterator[Finding]:
    """What is wrong in templates, by our own rules."""
    for template in templates.values():
        yield from check_names(template)
        yield from check_form(template)
        yield from check_modules(templates, template)
        yield from types.check(template)
        yield from check_policy(template)


def check_all(folder: Path, checkov: Path) -> Iterator[Step]:
    """Every kind of check of the templates in `folder`; `checkov` is where that program is, or will be."""
    templates = read_templates(folder)
    resources = sum(len(template.resources) for template in templates.values())

    def syntax() -> tuple[str, Iterable[Finding]]:
        return f"{len(templates)} templates", [one for template in templates.values() for one in template.findings]

    def second_parser() -> tuple[str, Iterable[Finding]]:
        return f"{len(templates)} templates", _parse_again(folder, templates)

    def semantics() -> tuple[str, Iterable[Finding]]:
        return f"{resources} resources", check_templates(templates, ArmTypes.read(folder))

    def parameters() -> tuple[str, Iterable[Finding]]:
        files = sorted(folder.glob("*.bicepparam"))
        found = [one for path in files for one in check_parameters(path, templates)]
        found += check_azd_parameters(folder / "main.parameters.json", templates["main.bicep"])
        return f"{len(files) + 1} files", found

    def rules() -> tuple[str, Iterable[Finding]]:
        report = run_checkov(find_checkov(checkov), folder)
        skips = json.loads((folder / "check" / "checkov-skips.json").read_text())
        told = f"{report.passed} passed, {len(report.failed)} skipped with a reason"
        return told, judge(report, skips)

    for name, check in {
        "syntax (tree-sitter-bicep)": syntax,
        "syntax (pycep)": second_parser,
        "names, types, policy": semantics,
        "parameter files": parameters,
        "checkov": rules,
    }.items():
        yield _timed(name, check)


def _parse_again(folder: Path, templates: Templates) -> Iterator[Finding]:
    parser = BicepParser()
    for name in templates:
        try:
            parser.parse(text=(folder / name).read_text())
        except Exception as error:  # noqa: BLE001 - the library raises its own kinds and its grammar's
            yield Finding(name, 1, str(error).splitlines()[0])


def _timed(name: str, check: Callable[[], tuple[str, Iterable[Finding]]]) -> Step:
    began = time.monotonic()
    try:
        looked_at, found = check()
        findings = sorted(found)
    except CheckovMissing as reason:
        return Step(name, "", [], 0, skipped=str(reason))
    return Step(name, looked_at, findings, round(time.monotonic() - began, 2))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/infra-check", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the steps and their findings as JSON instead")
    parser.add_argument("--require-all", action="store_true", help="a check that cannot run here is a failure")
    given = parser.parse_args(arguments)
    steps = list(check_all(INFRA, CHECKOV))
    failed = [step for step in steps if step.findings or (step.skipped and given.require_all)]
    if given.json:
        sys.stdout.write(json.dumps({"ok": not failed, "steps": [asdict(step) for step in steps]}, indent=2) + "\n")
    else:
        _show(steps)
    return 1 if failed else 0


def _show(steps: list[Step]) -> None:
    screen = Progress()
    for step in steps:
        mark = screen.paint(RED, "✗") if step.findings else screen.paint(GREEN, "✓")
        if step.skipped:
            screen.say(f"  {screen.paint(DIM, '-')} {step.name:<30}skipped: {step.skipped}")
            continue
        screen.say(f"  {mark} {step.name:<30}{step.looked_at:<40}{step.seconds:6.1f} s")
        for finding in step.findings:
            screen.say(f"      infra/{finding}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
