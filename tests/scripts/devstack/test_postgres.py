import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from scripts.devstack.postgres import launch_postgres
from scripts.devstack.postgres_user import ROOT, UNSHARE, PostgresUser, choose_user, postgres_user
from scripts.devstack.state import State

pytestmark = pytest.mark.db

# Every way PostgreSQL can run for whoever runs the tests: a plain user has one, root has two.
WAYS = ["usual", "nobody"] if os.getuid() == ROOT else ["usual"]


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state")


@pytest.fixture
def reach() -> Iterator[Path]:
    """A folder that everybody can enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="srecopilot-reach-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("way", WAYS)
def test_data_survive_a_restart(state: State, reach: Path, way: str) -> None:
    nobody = replace(choose_user(ROOT, unshare_works=False), reach=reach / "public")
    user = postgres_user() if way == "usual" else nobody
    first = launch_postgres(state, durable=True, user=user).await_ready()
    with psycopg.connect(first.url) as connection:
        connection.execute("create table kept as select 'yes' as answer")
    first.stop()

    second = launch_postgres(state, durable=True, user=user).await_ready()
    with psycopg.connect(second.url) as connection:
        assert connection.execute("select answer, current_database() from kept").fetchone() == ("yes", "srecopilot")
    second.stop()


def test_it_starts_again_after_kill_9(state: State) -> None:
    first = launch_postgres(state, durable=True).await_ready()
    with psycopg.connect(first.url) as connection:
        connection.execute("create table kept as select 1 as answer")
    first.process.kill()
    # Not waited for: a zombie's pid looks alive to PostgreSQL, which would refuse to start over its lock.
    os.waitid(os.P_PID, first.process.pid, os.WEXITED | os.WNOWAIT)

    second = launch_postgres(state, durable=True).await_ready()
    with psycopg.connect(second.url) as connection:
        assert connection.execute("select answer from kept").fetchone() == (1,)
    second.stop()
    first.stop()


def test_a_cluster_half_made_is_made_anew(state: State) -> None:
    draft = state.data / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    service = launch_postgres(state, durable=False).await_ready()

    service.stop()
    assert not draft.exists()


def test_a_wrong_password_is_refused(postgres_url: str) -> None:
    user, _, rest = postgres_url.partition("@")
    scheme, _, _ = user.rpartition(":")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{scheme}:wrong@{rest}")


def test_no_password_lies_about(state: State) -> None:
    launch_postgres(state, durable=False).await_ready().stop()

    assert list(state.data.glob("*.password")) == []


@pytest.mark.parametrize(
    ("uid", "unshare_works", "expected"),
    [
        (1000, False, PostgresUser()),
        (1000, True, PostgresUser()),
        (ROOT, True, PostgresUser(become=UNSHARE)),
    ],
)
def test_who_runs_postgresql(uid: int, unshare_works: bool, expected: PostgresUser) -> None:
    assert choose_user(uid, unshare_works=unshare_works) == expected


def test_root_without_user_namespaces_becomes_nobody_where_nobody_can_reach() -> None:
    user = choose_user(ROOT, unshare_works=False)

    assert user.credentials["user"] != ROOT
    assert user.credentials["extra_groups"] == []
    assert user.data(Path("/root/project/.devstack/data/postgres")) == Path(
        "/var/lib/srecopilot/root-project-.devstack-data-postgres"
    )
