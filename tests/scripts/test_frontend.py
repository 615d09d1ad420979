import json
from pathlib import Path

import pytest

from scripts import frontend
from scripts.devstack.app import AppMissing, await_app_build, live_origin
from scripts.devstack.services import launch
from scripts.devstack.state import State


def test_the_app_knows_the_calls_and_what_they_answer_when_they_succeed() -> None:
    described = json.loads(frontend.app_document())

    operations = [one for path in described["paths"].values() for one in path.values()]
    assert described["servers"] == [{"url": "/api"}]
    assert {status[0] for one in operations for status in one["responses"]} == {"2"}
    assert not any("headers" in answer for one in operations for answer in one["responses"].values())


def test_a_document_that_is_not_the_api_s_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontend, "FOLDER", tmp_path)
    monkeypatch.setattr(frontend, "DOCUMENT", tmp_path / "openapi.json")
    assert "./scripts/openapi" in frontend.stale_document()

    frontend.DOCUMENT.write_text(frontend.app_document())
    assert frontend.stale_document() == ""


def test_a_command_that_fails_says_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontend, "FOLDER", tmp_path)

    with pytest.raises(frontend.FrontendFailed, match="no such thing"):
        frontend.run("sh", "-c", "echo no such thing >&2; exit 1")
    with pytest.raises(frontend.FrontendFailed, match="Node"):
        frontend.run("node-that-is-not-there")


def test_a_build_that_fails_is_told_with_its_log(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    build = launch(state, "frontend", ["sh", "-c", "echo no space left; exit 1"], url="", is_ready=lambda _: False)

    with pytest.raises(AppMissing, match="no space left"):
        await_app_build(build)


@pytest.mark.parametrize(
    ("connection", "origin"),
    [
        ("Endpoint=http://127.0.0.1:8080;AccessKey=a=b;Version=1.0;", "ws://127.0.0.1:8080"),
        ("Endpoint=https://name.webpubsub.azure.com;AccessKey=k;", "wss://name.webpubsub.azure.com"),
    ],
)
def test_pages_may_connect_to_where_live_events_come_from(connection: str, origin: str) -> None:
    assert live_origin(connection) == origin
