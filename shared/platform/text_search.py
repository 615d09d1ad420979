"""Full-text search under row policies.

PostgreSQL asks no text index for rows that a row policy has yet to admit, because `@@` might tell of rows that it
refuses. For the search role the search is part of the policy itself: that is as isolated, and fast.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY

from shared.kernel.values import ProjectId
from shared.platform.runtime import Tx

ENGLISH: Final[ColumnElement[Any]] = literal_column("'english'::regconfig")
_ROLE: Final = "srecopilot_search"
_NEVER: Final = "'nothing asked'"  # a word with a space, which no text has


def wanted(words: str | BindParameter[str]) -> ColumnElement[Any]:
    """Return what somebody typed as a text query: `"a phrase"`, `or`, `-not`; nothing that is typed is an error.

    Nothing but words such as "the" finds nothing.
    """
    asked = func.websearch_to_tsquery(ENGLISH, words)
    return cast(func.coalesce(func.nullif(cast(asked, Text), ""), _NEVER), TSQUERY)


def all_words_of(text: str) -> ColumnElement[Any]:
    """Return the text query of every word in a text."""
    return func.plainto_tsquery(ENGLISH, text)


@asynccontextmanager
async def searching(tx: Tx, project_id: ProjectId, words: Sequence[ColumnElement[Any]]) -> AsyncIterator[None]:
    """Within the block the transaction sees only what matches all of `words` in a project, and writes nothing."""
    asked: ColumnElement[Any] = cast(f"'project:{project_id}'", TSQUERY)
    for each in words:
        asked = asked.op("&&")(each)
    query = select(func.set_config("role", _ROLE, True), func.set_config("app.search", func.text(asked), True))  # noqa: FBT003 - PostgreSQL's own function
    await tx.session.execute(query)
    yield
    await tx.session.execute(select(func.set_config("role", "none", True)))  # noqa: FBT003 - as above
