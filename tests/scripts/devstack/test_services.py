import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import psutil
import pytest

from scripts.devstack.services import Service, ServiceFailed, launch, package_folder, tail
from scripts.devstack.state import REPOSITORY, State, read_json

SERVES = "import time; print('ready http://127.0.0.1:1', flush=True); time.sleep(60)"
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SERVES


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state")


def start(state: State, code: str, name: str = "service") -> Service:
    return launch(state, name, [sys.executable, "-c", code], url="http://127.0.0.1:1")


def test_a_service_is_ready_when_it_says_so_and_stops_when_asked(state: State) -> None:
    service = start(state, SERVES).await_ready(timeout=20)

    assert read_json(service.pidfile)["pid"] == service.process.pid
    service.stop()

    assert service.process.returncode == -signal.SIGTERM
    assert not service.pidfile.exists()


def test_stopping_twice_is_harmless(state: State) -> None:
    service = start(state, SERVES).await_ready(timeout=20)
    service.stop()

    service.stop()


def test_a_service_that_will_not_stop_is_killed(state: State) -> None:
    service = start(state, IGNORES_SIGTERM).await_ready(timeout=20)

    service.stop(timeout=0.1)

    assert service.process.returncode == -signal.SIGKILL


def test_a_service_that_ends_while_starting_shows_the_end_of_its_log(state: State) -> None:
    service = start(state, "print('port 5 is cursed'); raise SystemExit(3)")

    with pytest.raises(ServiceFailed, match=r"service ended with 3 while starting[\s\S]*port 5 is cursed"):
        service.await_ready(timeout=20)

    assert not service.pidfile.exists()


def test_a_service_that_is_not_ready_in_time_is_stopped(state: State) -> None:
    service = start(state, "import time; time.sleep(60)")

    with pytest.raises(ServiceFailed, match="was not ready in 0 s"):
        service.await_ready(timeout=0.05)

    assert service.process.poll() is not None


def test_the_log_of_the_run_before_is_kept(state: State) -> None:
    for text in ("first", "second"):
        start(state, f"print({text!r})").process.wait(20)

    log = state.logs / "service.log"
    assert (log.with_suffix(".log.1").read_text(), log.read_text()) == ("first\n", "second\n")


def test_services_start_from_the_main_thread_only(state: State) -> None:
    refused: list[Exception] = []

    def attempt() -> None:
        try:
            start(state, SERVES)
        except RuntimeError as error:
            refused.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()

    assert "main thread" in str(refused[0])


def test_a_service_ends_with_its_launcher_even_by_kill(tmp_path: Path) -> None:
    launcher = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from scripts.devstack.services import launch
        from scripts.devstack.state import State
        state = State.open(Path({str(tmp_path / "state")!r}))
        service = launch(state, "service", [sys.executable, "-c", {SERVES!r}], url="").await_ready()
        print(service.process.pid, flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", launcher], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        service = psutil.Process(int(child.stdout.readline()))
        child.kill()

    psutil.wait_procs([service], timeout=10)

    assert not service.is_running() or service.status() == psutil.STATUS_ZOMBIE


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("\n".join(map(str, range(100))))

    assert tail(log, 2).split() == ["98", "99"]
    assert "empty" in tail(tmp_path / "none.log")


def test_a_missing_package_names_the_way_around_it() -> None:
    with pytest.raises(RuntimeError, match="REDIS_URL"):
        package_folder("no_such_package", instead="REDIS_URL")
