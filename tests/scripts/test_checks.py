import subprocess
import sys
from pathlib import Path

import pytest

from scripts import frontend
from scripts.checks import Skipped, app_tool, foreign_hosts, stale_requirements, tool


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one, as working directory."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "uv.lock").write_text('source = { registry = "https://pypi.org/simple" }')
    return tmp_path


def lock_node(repository: Path, resolved: str) -> None:
    (repository / "web").mkdir()
    (repository / "web/package-lock.json").write_text(f'{{"resolved": "{resolved}", "funding": "https://example.com"}}')
    subprocess.run(["git", "-C", repository, "add", "."], check=True)


def test_the_public_registries_may_be_named(repository: Path) -> None:
    lock_node(repository, "https://registry.npmjs.org/ws/-/ws-8.0.0.tgz")

    assert foreign_hosts() == ""


def test_a_mirror_in_a_lock_is_found(repository: Path) -> None:
    lock_node(repository, "https://npm.mirror.example/ws.tgz")
    (repository / "uv.lock").write_text('url = "https://pypi.mirror.example/a.whl"')

    assert foreign_hosts() == "a lock file names npm.mirror.example\na lock file names pypi.mirror.example\n"


@pytest.mark.usefixtures("repository")
def test_missing_requirements_are_stale() -> None:
    assert "./scripts/lock" in stale_requirements()


@pytest.mark.parametrize(
    ("code", "complaint"),
    [("print('fine')", ""), ("print('bad'); raise SystemExit(1)", "bad\n"), ("raise SystemExit(2)", "ended with 2")],
)
def test_a_tool_complains_only_when_it_fails(code: str, complaint: str) -> None:
    assert tool(sys.executable, "-c", code)() == complaint


def test_a_check_of_the_app_is_skipped_by_name_without_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontend, "is_installed", lambda: False)

    with pytest.raises(Skipped, match="not installed"):
        app_tool("anything")()
