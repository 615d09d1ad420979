from pathlib import Path

import pytest

from scripts.devstack.chromium import PROGRAM, ChromiumMissing, find_chromium


def test_the_one_that_is_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRE_CHROMIUM", "/opt/chrome")
    assert find_chromium(tmp_path).program == Path("/opt/chrome")


def test_one_that_is_unpacked_finds_its_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SRE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    libraries = tmp_path / "usr/lib/x86_64-linux-gnu"
    for needed in (tmp_path / PROGRAM, libraries / "libnss3.so"):
        needed.parent.mkdir(parents=True)
        needed.touch()
    found = find_chromium(tmp_path)
    assert found.program == tmp_path / PROGRAM
    assert found.environment["LD_LIBRARY_PATH"] == f"{libraries}:{libraries / 'pulseaudio'}"


def test_where_there_is_none_it_is_said_how_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SRE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ChromiumMissing, match="SRE_CHROMIUM"):
        find_chromium(tmp_path)
