"""azd finds what azure.yaml names."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

from tests.infra.templates import INFRA, ROOT, main

NEEDED: Final = re.compile(r"\$\{(\w+):\?")
ASKED: Final = re.compile(r"\$\{(\w+)")
READ: Final = re.compile(r"readEnvironmentVariable\('(\w+)'")
# In a pipeline the migration identity migrates, and a hook finds out when the budget began.
NOT_OF_A_PIPELINE: Final = {"DATABASE_ADMIN_NAME", "BUDGET_START_DATE"}


def project() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text())
    return found


def hooks() -> list[Path]:
    return [ROOT / one["run"] for event in project()["hooks"].values() for one in event]


def test_every_service_is_where_it_is_said_to_be_and_tagged_for_azd() -> None:
    services = project()["services"]
    assert (ROOT / services["api"]["project"] / "host.json").exists()
    assert (ROOT / services["web"]["project"] / "package.json").exists()
    tagged = (INFRA / "main.bicep").read_text()
    assert [name for name in services if f"'azd-service-name': '{name}'" not in tagged] == []


def test_the_app_is_built_after_there_is_an_api_to_build_it_with() -> None:
    assert [step["azd"] for step in project()["workflows"]["up"]["steps"]] == ["provision", "deploy --all"]
    oldest = tuple(int(part) for part in project()["requiredVersions"]["azd"].removeprefix(">= ").split("."))
    assert oldest >= (1, 23, 7), "older ones keep the deployment's outputs from `npm run build`"


def test_the_template_is_where_azd_looks_for_it() -> None:
    told = project()["infra"]
    assert (ROOT / told["path"] / f"{told['module']}.bicep").exists()
    assert (ROOT / told["path"] / f"{told['module']}.parameters.json").exists()


def test_hooks_exist_and_are_shell() -> None:
    assert [path for path in hooks() if not path.exists()] == []
    for path in hooks():
        assert subprocess.run(["sh", "-n", path], check=False, capture_output=True, text=True).stderr == ""


def test_hooks_run_after_what_they_need() -> None:
    names = {event: [Path(one["run"]).stem for one in told] for event, told in project()["hooks"].items()}
    assert names == {
        "preprovision": ["check-model", "register-providers"],
        "postprovision": ["secrets", "migrate"],
        "postdeploy": ["seed-demo"],
    }


def test_what_hooks_need_of_the_deployment_is_an_output_of_it_or_a_parameter_of_azd() -> None:
    azd = set(ASKED.findall((INFRA / "main.parameters.json").read_text()))
    of_their_own = {"AZURE_SUBSCRIPTION_ID"}  # azd gives it to every hook
    needed = {name for path in hooks() for name in NEEDED.findall(path.read_text())}
    assert needed - set(main().outputs) - azd == of_their_own


def test_the_pipeline_sets_what_the_parameter_files_read() -> None:
    read = {name for path in INFRA.glob("*.bicepparam") for name in READ.findall(path.read_text())}
    text = (ROOT / ".github" / "workflows" / "infra.yml").read_text()
    told = {name for name in read if re.search(rf"^ +{name}:", text, re.MULTILINE)}
    assert read - told == NOT_OF_A_PIPELINE


def test_every_environment_keeps_the_day_its_budget_began() -> None:
    assert "BUDGET_START_DATE" in main().outputs
    assert '"value": "${BUDGET_START_DATE=}"' in (INFRA / "main.parameters.json").read_text()
    for path in INFRA.glob("*.bicepparam"):
        assert "param budgetStartDate = readEnvironmentVariable('BUDGET_START_DATE', '')" in path.read_text(), path.name


def test_prod_is_not_deployed_without_somebody_who_is_told() -> None:
    assert "readEnvironmentVariable('ALERT_EMAILS')" in (INFRA / "main.prod.bicepparam").read_text()


def test_the_app_is_built_with_the_address_of_the_api() -> None:
    assert "VITE_API_URL" in main().outputs
    assert "import.meta.env.VITE_API_URL" in (ROOT / "frontend/src/api/client.ts").read_text()
