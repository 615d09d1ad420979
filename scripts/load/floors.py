"""What the machine gives at most, measured beside the product: upserts by pgbench, and a function that does nothing."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import psycopg

from scripts.devstack.postgres_user import PostgresUser
from scripts.devstack.services import Service, clean_environment, launch_module
from scripts.devstack.state import State
from scripts.load.notifications import Alert, body

BARE_APP: Final = Path(__file__).parent / "bare"
CLIENTS: Final = 16
_THREADS: Final = 2
_TRANSACTIONS: Final = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_TABLE: Final = "create table if not exists floor (key bigint primary key, alert jsonb not null, seen integer not null)"
_UPSERT: Final = """\\set key{n} random(1, 1000000000)
insert into floor values (:key{n}, '{alert}', 1)
  on conflict (key) do update set alert = excluded.alert, seen = floor.seen + 1;
"""


@dataclass(frozen=True, slots=True)
class Upserts:
    """pgbench against one server. `owner_url` is a superuser's; the rows lie in a database beside the product's."""

    owner_url: str
    user: PostgresUser
    folder: Path

    async def prepare(self) -> None:
        """Make the table."""
        async with await psycopg.AsyncConnection.connect(self._database, autocommit=True) as connection:
            await connection.execute(_TABLE)

    async def rows_per_second(self, *, rows: int, seconds: float) -> float:
        """Upsert rows of an alert's size for a while, `rows` a transaction, by 16 clients (`-M simple`)."""
        upserts = "".join(_UPSERT.format(n=n, alert=_alert()) for n in range(rows))
        script = self.folder / f"upsert-{rows}.sql"
        script.write_text(f"begin;\n{upserts}commit;\n" if rows > 1 else upserts)
        where = urlsplit(self._database)
        words = f"-n -M simple -c {CLIENTS} -j {_THREADS} -T {max(1, round(seconds))} -f {script}".split()
        address = f"-h {where.hostname} -p {where.port} -U {where.username}".split()
        process = await asyncio.create_subprocess_exec(
            str(self.user.binaries() / "pgbench"),
            *words,
            *address,
            where.path[1:],
            env=clean_environment(without="PG") | {"PGPASSWORD": unquote(where.password or "")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told = (await process.communicate())[0].decode()
        found = _TRANSACTIONS.search(told)
        if process.returncode or found is None:
            raise RuntimeError(f"pgbench ended with {process.returncode}:\n{told}")
        return float(found[1]) * rows

    @property
    def _database(self) -> str:
        return self.owner_url.rpartition("/")[0] + "/postgres"


def launch_bare(state: State, *, port: int) -> Service:
    """Serve a function that does nothing in the host that serves the product; the URL is that of its webhook."""
    return launch_module(
        State.open(state.root / "bare"),
        "scripts.devstack.functions_host",
        ["--app", BARE_APP, "--port", str(port), "--state", state.root / "bare"],
        url=f"http://127.0.0.1:{port}/api/webhooks/alertmanager",
    )


def _alert() -> str:
    """Return one alert as JSON; pgbench takes `:name` for a variable only where it knows one of that name."""
    notification: Mapping[str, Any] = json.loads(body([Alert(key="floor", number=0, began=datetime.now(UTC))]))
    return json.dumps(notification["alerts"][0]).replace("'", "''")
