"""Older code runs on the newer schema, so what takes something away has to say that nobody needs it any more.

`CONTRACTS` of a migration is that sentence. It is a question put to whoever writes one, and to whoever reviews it.
"""

import importlib.util
import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from scripts.migrate import MIGRATIONS

VERSIONS: Final = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
REFUSES: Final = "refuses what was allowed"
# In SQL, because `op.execute` can say anything. Of what the migration itself has made, nothing is taken from anybody,
# and a rule about a column that it has added admits rows of code that leaves it out.
TAKES: Final = {
    "drops what may be used": r"\bdrop (table|column|view|function|trigger|type|policy)\b",
    "renames what may be used": r"\brename (column|to|constraint)\b",
    "changes a type": r"\balter column \S+ (set data )?type\b",
    "demands a value": r"\balter column \S+ (set not null|drop default)\b",
    "demands a value of old code": r"\badd column (?!.*\b(default|generated)\b).*\bnot null\b",
    REFUSES: r"\balter table \S+ add (constraint|check|unique|foreign key)\b|\bcreate unique index\b",
    "takes a right away": r"^\s*revoke\b",
}


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"migration_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def statements(upgrade: Any) -> list[str]:
    """What a migration would say to a database."""
    said = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    with Operations.context(context):
        upgrade()
    return [one.strip().lower() for one in said.getvalue().split(";") if one.strip()]


def taken(said: list[str]) -> set[str]:
    """Why old code could miss something afterwards."""
    tables = {name for one in said for name in re.findall(r"^create table (\S+)", one)}
    columns = {name for one in said for name in re.findall(r"\badd column (\S+)", one)}
    others = [one for one in said if not any(re.search(rf"\b(table|on) {re.escape(name)}\b", one) for name in tables)]
    return {
        reason
        for one in others
        for reason, pattern in TAKES.items()
        if re.search(pattern, one) and not (reason == REFUSES and columns & set(re.findall(r"\w+", one)))
    }


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_that_takes_something_away_says_who_misses_it(path: Path) -> None:
    module = load(path)
    found = taken(statements(module.upgrade))
    assert bool(found) == bool(getattr(module, "CONTRACTS", "")), found


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_there_is_no_way_back_for_the_schema(path: Path) -> None:
    assert not hasattr(load(path), "downgrade")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("alter table incidents drop column title", "drops what may be used"),
        ("drop table saved_views", "drops what may be used"),
        ("drop function next_number(uuid)", "drops what may be used"),
        ("alter table incidents rename column title to headline", "renames what may be used"),
        ("alter table incidents rename to problems", "renames what may be used"),
        ("alter table incidents alter column number type bigint", "changes a type"),
        ("alter table incidents alter column title set not null", "demands a value"),
        ("alter table incidents add column city text not null", "demands a value of old code"),
        ("alter table incidents add constraint short check (length(title) < 9)", "refuses what was allowed"),
        ("create unique index one on incidents (tenant_id, title)", "refuses what was allowed"),
        ("revoke select on incidents from srecopilot_app", "takes a right away"),
    ],
)
def test_whatever_old_code_could_miss_is_found(statement: str, reason: str) -> None:
    assert taken([statement]) == {reason}


@pytest.mark.parametrize(
    "statement",
    [
        "alter table incidents add column city text",
        "alter table incidents add column city text default '' not null",
        "alter table incidents add column city text not null default ''",
        "create index by_city on incidents (tenant_id, city)",
        "drop index by_city",
        "alter table incidents drop constraint short",
        "grant select on incidents to srecopilot_app",
    ],
)
def test_what_is_added_is_nobodys_loss(statement: str) -> None:
    assert taken([statement]) == set()


@pytest.mark.parametrize("made", ["create table cities (name text)", "alter table cities add column name text"])
def test_what_a_migration_has_made_itself_nobody_uses_yet(made: str) -> None:
    assert taken([made, "alter table cities add constraint short check (length(name) < 9)"]) == set()
