"""What GitHub runs may do little, runs what exists, and takes no action that somebody could exchange."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.infra.templates import main

ROOT: Final = Path(__file__).parents[2]
WORKFLOWS: Final = sorted((ROOT / ".github/workflows").glob("*.yml"))
COMMIT: Final = re.compile(r"^\S+@[0-9a-f]{40}$")
SCRIPT: Final = re.compile(r"(?<![\w/])(?:\./)?((?:scripts|infra/hooks)/[\w.-]+)")


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_taken_by_their_commit(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    assert [one for one in used if not COMMIT.match(one)] == []
    # Which version that is, for people.
    assert len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", path.read_text(), re.MULTILINE)) == len(used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nobody_may_write_and_only_who_signs_in_to_azure_gets_an_identity(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    for name, job in read(path)["jobs"].items():
        granted = job.get("permissions", {})
        signs_in = any("azure/login" in step.get("uses", "") for step in job["steps"])
        assert ("id-token" in granted) is signs_in, name
        assert {right for right, how in granted.items() if how == "write"} <= {"id-token"}
        assert job["timeout-minutes"] <= 90


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_secret_is_kept_and_no_credential_left_behind(path: Path) -> None:
    assert not re.search(r"\$\{\{\s*secrets\b", path.read_text())
    for step in steps(path):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_is_run_exists(path: Path) -> None:
    named = {name for step in steps(path) for name in SCRIPT.findall(step.get("run", ""))}
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_somebody_else_wrote_is_never_part_of_a_command(path: Path) -> None:
    """A title of a pull request in `${{ }}` would be run by the shell."""
    assert [step["name"] for step in steps(path) if "${{" in step.get("run", "")] == []


def jobs_of_the_deployment() -> dict[str, Any]:
    found: dict[str, Any] = read(ROOT / ".github/workflows/infra.yml")["jobs"]
    return found


def test_nothing_is_deployed_unasked() -> None:
    jobs = jobs_of_the_deployment()
    assert "github.event_name == 'workflow_dispatch'" in jobs["deploy"]["if"]
    assert jobs["deploy"]["environment"] == "${{ inputs.environment }}"
    changing = {name for name, job in jobs.items() for step in job["steps"] if "sub create" in step.get("run", "")}
    assert changing == {"deploy"}


def test_the_schema_is_there_before_the_code_that_needs_it() -> None:
    order = [step.get("name") for step in jobs_of_the_deployment()["deploy"]["steps"]]
    wanted = ["Providers", "When its budget began"]
    wanted += ["Resources", "What is where", "Secrets", "Migrate", "Functions", "They take alerts", "App for browsers"]
    assert [name for name in order if name in wanted] == wanted


def test_who_only_looks_is_not_asked_for_the_right_to_write() -> None:
    text = (ROOT / ".github/workflows/infra.yml").read_text().replace("\\\n", "")
    looking = re.findall(r"az deployment sub (?:validate|what-if) .*", text)
    assert len(looking) == 2
    assert [command for command in looking if "--validation-level ProviderNoRbac" not in command] == []


def test_the_runner_of_prod_is_named_where_a_job_can_read_it_and_missed_before_anything_is_done() -> None:
    jobs = jobs_of_the_deployment()
    asked = set(re.findall(r"vars\.(\w+)", " ".join(str(job["runs-on"]) for job in jobs.values())))
    assert asked == {"RUNNER_PROD"}
    assert {job.get("environment") for job in jobs.values()} == {None, "preview", "${{ inputs.environment }}"}
    refused = {name for step in jobs["compile"]["steps"][:2] for name in re.findall(r"vars\.(\w+) == ''", step["if"])}
    assert refused == {"RUNNER_PROD", "ALERT_EMAILS"}
    assert "environment" not in jobs["compile"]
    assert (jobs["preview"]["needs"], jobs["deploy"]["needs"]) == ("compile", ["preview", "package"])


def test_the_first_deployment_of_prod_touches_nothing_private() -> None:
    """Its network is not there yet, and so no runner in it."""
    steps = jobs_of_the_deployment()["deploy"]["steps"]
    shown = next(place for place, step in enumerate(steps) if step.get("name") == "What is where")
    assert [step for step in steps[shown + 1 :] if not runs_for_code(step["if"])] == []


def runs_for_code(condition: str) -> bool:
    return condition.startswith(("inputs.what != 'resources'", "inputs.what == 'resources and code'"))


def test_who_speaks_to_the_vault_has_just_signed_in() -> None:
    steps = jobs_of_the_deployment()["deploy"]["steps"]
    place = next(place for place, step in enumerate(steps) if step.get("name") == "Secrets")
    before = steps[place - 1]
    assert before["uses"].startswith("azure/login@")
    assert before["with"]["client-id"] == "${{ vars.AZURE_CLIENT_ID }}"
    assert before["if"] == steps[place]["if"]


def test_what_the_hooks_read_is_what_the_deployment_tells() -> None:
    told = set(main().outputs)
    text = (ROOT / ".github/workflows/infra.yml").read_text()
    read_there = set(re.findall(r"steps\.deployed\.outputs\.(\w+)", text)) | {
        name for name in re.findall(r"\$\"?\{?([A-Z][A-Z_]+)", text) if name.startswith(("SERVICE_", "AZURE_RESOURCE"))
    }
    assert read_there
    assert read_there <= told
    hooks = (ROOT / "infra/hooks").glob("*.sh")
    used = {name for path in hooks for name in re.findall(r"\b[A-Z][A-Z]+_[A-Z_]+\b", path.read_text())}
    prefixes = ("API_IDENTITY", "SYSTEM_IDENTITY", "MIGRATION_IDENTITY", "SERVICE_", "KEY_VAULT_N", "POSTGRES_")
    assert {name for name in used if name.startswith(prefixes)} <= told


def test_the_runbook_says_of_every_variable_that_it_has_to_be_set() -> None:
    read_there = set(re.findall(r"\bvars\.(\w+)", (ROOT / ".github/workflows/infra.yml").read_text()))
    runbook = (ROOT / "docs/runbook.md").read_text()
    assert [name for name in sorted(read_there) if f"`{name}`" not in runbook] == []


def test_the_runbook_s_commands_take_no_name_that_nobody_gives() -> None:
    runbook = (ROOT / "docs/runbook.md").read_text()
    taken = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", runbook))
    given = set(re.findall(r"\b([A-Z][A-Z_]+)=", runbook)) | {"OPENAI_LOCATION"}  # which may be none
    assert taken - given <= set(main().outputs)
