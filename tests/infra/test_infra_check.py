"""The checker of the templates: nothing to complain of here, and not blind either."""

import json
from pathlib import Path

import pytest

from scripts.infra_check.__main__ import CHECKOV, check_templates
from scripts.infra_check.arm_types import ArmTypes
from scripts.infra_check.checkov import CheckovMissing, Report, find_checkov, judge, run_checkov
from scripts.infra_check.parameter_files import azd_defaults, check_azd_parameters, check_parameters
from scripts.infra_check.template import Finding, Template, Templates
from tests.infra.mutations import MUTATIONS, Mutation
from tests.infra.templates import ENVIRONMENTS, INFRA, main, templates

FEWEST_RESOURCES = 60
# What Checkov has rules for; it passes over what it cannot read in silence.
RULED = {f"modules/{name}.bicep" for name in ("functionapp", "keyvault", "network", "openai", "storage", "webpubsub")}
SKIPS = json.loads((INFRA / "check" / "checkov-skips.json").read_text())


def findings(given: Templates) -> list[Finding]:
    types = ArmTypes.read(INFRA)
    return [one for template in given.values() for one in template.findings] + list(check_templates(given, types))


def test_there_is_something_to_check_and_nothing_to_find() -> None:
    assert sum(len(template.resources) for template in templates().values()) >= FEWEST_RESOURCES
    assert findings(templates()) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name.replace(" ", "-"))
def test_a_seeded_fault_is_found_and_named(mutation: Mutation) -> None:
    broken = Template.parse(mutation.file, mutation.seed((INFRA / mutation.file).read_text()))
    found = [one.text for one in findings({**templates(), mutation.file: broken}) if one.file == mutation.file]
    assert any(mutation.found in text for text in found), found


def test_the_readme_says_how_many_faults_are_seeded() -> None:
    assert f"seeds {len(MUTATIONS)} faults" in (INFRA / "README.md").read_text()


def parameters(folder: Path, text: str) -> list[str]:
    path = folder / "x.bicepparam"
    path.write_text(f"using './main.bicep'\n{text}\n")
    return [one.text for one in check_parameters(path, templates())]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_parameter_files_fit_the_template(name: str) -> None:
    assert list(check_parameters(INFRA / f"main.{name}.bicepparam", templates())) == []


def test_a_parameter_file_with_a_misspelt_name_is_found_out_twice(tmp_path: Path) -> None:
    names = ("environmentName", "region", "chatModelName", "chatModelVersion")
    told = parameters(tmp_path, "\n".join(f"param {name} = 'a'" for name in names))
    assert told == ["unknown parameter region", "parameter location is missing"]


def test_a_value_that_is_not_allowed_is_found(tmp_path: Path) -> None:
    assert "environmentType: 'test' is none of 'dev', 'prod'" in parameters(tmp_path, "param environmentType = 'test'")


def test_a_parameter_file_for_no_template_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x.bicepparam"
    path.write_text("param environmentName = 'a'\n")
    assert [one.text for one in check_parameters(path, templates())] == ["no template is named"]


def test_azd_gives_what_the_template_needs_and_nothing_else() -> None:
    assert list(check_azd_parameters(INFRA / "main.parameters.json", main())) == []


def test_azd_deploys_a_small_environment_until_told_otherwise() -> None:
    assert azd_defaults(INFRA / "main.parameters.json")["environmentType"] == "dev"


def test_checkov_fails_nothing_but_what_has_a_reason() -> None:
    try:
        program = find_checkov(CHECKOV)
    except CheckovMissing as reason:
        pytest.skip(str(reason))
    report = run_checkov(program, INFRA)
    assert list(judge(report, SKIPS)) == []
    assert report.unread == 0
    assert report.files >= RULED


def test_every_skip_has_a_reason() -> None:
    assert [rule for rule, reason in SKIPS.items() if len(reason) < len("because it is so")] == []


def test_a_rule_that_fails_is_found_and_so_is_a_skip_that_nothing_needs_and_a_file_that_was_not_read() -> None:
    report = Report(1, (("CKV_1", "a.b", "main.bicep", 3), ("CKV_2", "a.c", "main.bicep", 9)), frozenset(), 1)
    assert [str(one) for one in judge(report, {"CKV_2": "why", "CKV_3": "why"})] == [
        ".:1: Checkov could not read 1 files, and would have passed them in silence",
        "main.bicep:3: CKV_1: a.b",
        "check/checkov-skips.json:1: CKV_3 is skipped and nothing fails it",
    ]
