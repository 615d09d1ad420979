"""A small world to try every call in, kept as a copy inside its own database and put back when a call changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import psycopg
from psycopg import sql

from scripts.proof.cast import Caller, gather
from scripts.proof.functions import Functions
from shared.views.schema import METADATA

# Written by whoever looks: a call that is refused may still be noted.
_NOTED: Final = ["last_used_at", "last_seen_at"]
_FLUSH_TRIES: Final = 10  # of some seconds, which a busy machine may need
_ROWS: Final = sql.SQL("select (to_jsonb(t) - {}::text[])::text as row from {} t")
_TABLE_DIGEST: Final = sql.SQL(
    "select {} || md5(coalesce(string_agg(row, ',' order by row), '')) as digest from ({}) x"
)
_DIGEST: Final = sql.SQL("select md5(string_agg(digest, '' order by digest)) from ({}) x")
_KEEP: Final = sql.SQL("create table {kept} as table {live};")
_REPLACE: Final = sql.SQL(
    "delete from {live}; insert into {live} ({columns}) overriding system value select {columns} from {kept};"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Callers and the things they may reach for. The database is the world's own, and so is the Redis database."""

    functions: Functions
    callers: Sequence[Caller]
    objects: Mapping[str, str]
    owner: psycopg.AsyncConnection
    beginning: str

    @classmethod
    async def make(cls, functions: Functions, owner_url: str, owner: psycopg.AsyncConnection) -> Self:
        """Make a world in a migrated database without tenants; `owner` is a superuser's and commits by itself."""
        cast = await gather(functions, owner_url)
        await owner.execute(sql.SQL("create schema kept; {}").format(_each(_KEEP)))
        world = cls(
            functions=functions,
            callers=cast.callers,
            objects=cast.objects,
            owner=owner,
            beginning=await _digest(owner),
        )
        await world.restore()
        return world

    async def is_untouched(self) -> bool:
        """Whether all that is stored is as it was in the beginning."""
        return await _digest(self.owner) == self.beginning

    async def restore(self) -> None:
        """Put everything back to what it was in the beginning, and forget what is cached."""
        # A replica checks no foreign keys, so the order of the tables does not matter.
        await self.owner.execute(
            sql.SQL("begin; set local session_replication_role = replica; {} commit").format(_each(_REPLACE))
        )
        for _ in range(_FLUSH_TRIES):
            if await self.functions.runtime.patient_cache.run("return redis.call('FLUSHDB')", [], []) is not None:
                return
        raise RuntimeError("Redis does not answer, so what it remembers may not be what is stored")


async def _digest(owner: psycopg.AsyncConnection) -> str:
    tables = [
        _TABLE_DIGEST.format(sql.Literal(table), _ROWS.format(sql.Literal(_NOTED), sql.Identifier("public", table)))
        for table in METADATA.tables
    ]
    found = await owner.execute(_DIGEST.format(sql.SQL(" union all ").join(tables)))
    row = await found.fetchone()
    return str(row[0]) if row else ""


def _each(statement: sql.SQL) -> sql.Composed:
    return sql.SQL(" ").join(
        statement.format(
            live=sql.Identifier("public", name),
            kept=sql.Identifier("kept", name),
            columns=sql.SQL(", ").join(sql.Identifier(one.name) for one in table.columns if one.computed is None),
        )
        for name, table in METADATA.tables.items()
    )
