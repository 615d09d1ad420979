from pathlib import Path

import pytest

from scripts.devstack.monitoring_packages import NAMES, MonitoringMissing, Programs, find_programs


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def test_programs_on_the_path_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = [program(tmp_path / "bin" / name) for name in NAMES]
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert find_programs(tmp_path / "fetched") == Programs(*installed)


def test_programs_once_unpacked_run_in_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = [program(tmp_path / "usr/bin" / name) for name in NAMES]
    monkeypatch.setenv("PATH", "")

    assert find_programs(tmp_path) == Programs(*unpacked, home=tmp_path)


def test_servers_without_their_tools_are_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = [program(tmp_path / "usr/bin" / name) for name in NAMES]
    for name in ("prometheus", "alertmanager"):
        program(tmp_path / "bin" / name)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert find_programs(tmp_path) == Programs(*unpacked, home=tmp_path)


def test_without_apt_it_is_said_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(MonitoringMissing, match="no apt"):
        find_programs(tmp_path)


def test_a_download_that_fails_says_what_apt_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("apt-get", "dpkg"):
        program(tmp_path / "bin" / name).write_text("#!/bin/sh\necho 'no network' >&2\nexit 100\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")

    with pytest.raises(MonitoringMissing, match="no network"):
        find_programs(tmp_path / "fetched")

    assert list(tmp_path.iterdir()) == [tmp_path / "bin"]
