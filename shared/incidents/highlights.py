"""What of a text a search has found, as parts of the text: no markup that a reader could mistake for its own."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute

from shared.incidents.store import COUNTED
from shared.incidents.tables import CommentRow, IncidentRow
from shared.platform.text_search import ENGLISH, wanted

_BEGIN: Final = "\ue000"  # of Unicode's private use, and taken out of the text before
_END: Final = "\ue001"
_MARKS: Final = f"StartSel={_BEGIN}, StopSel={_END}"
_WHOLE: Final = f"{_MARKS}, HighlightAll=true"
_EXCERPT: Final = f"{_MARKS}, MinWords=10, MaxWords=30, MaxFragments=2, FragmentDelimiter=' … '"
_WORDS: Final = wanted(bindparam("words"))


class Part(NamedTuple):
    """A piece of a text, and whether it is what was looked for."""

    text: str
    match: bool


def _marked(said: InstrumentedAttribute[str] | ColumnElement[str], *, excerpt: bool = False) -> ColumnElement[Any]:
    """Return a text with its matches marked, or only the pieces around them, for `parts` to read."""
    text = func.translate(said, _BEGIN + _END, "")
    return func.ts_headline(ENGLISH, text, _WORDS, _EXCERPT if excerpt else _WHOLE)


def _alert_names() -> ColumnElement[str]:
    name = func.jsonb_array_elements_text(IncidentRow.alert_names).column_valued("alert_name")
    return select(func.string_agg(name, ", ")).scalar_subquery()


def _comment() -> ColumnElement[str]:
    """The newest comment that says all of the words."""
    return (
        select(CommentRow.body)
        .where(
            CommentRow.tenant_id == IncidentRow.tenant_id,
            CommentRow.incident_id == IncidentRow.id,
            CommentRow.deleted_at.is_(None),
            func.to_tsvector(ENGLISH, CommentRow.body).bool_op("@@")(_WORDS),
        )
        .order_by(CommentRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )


_TEXTS: Final[Mapping[str, ColumnElement[Any]]] = {
    "title": _marked(IncidentRow.title),
    "service_name": _marked(IncidentRow.service_name),
    "alert_names": _marked(_alert_names()),
    "description": _marked(IncidentRow.description, excerpt=True),
    "comment": _marked(_comment(), excerpt=True),
}

HIGHLIGHTED: Final = COUNTED.add_columns(*_TEXTS.values())
"""`COUNTED`, and behind it the texts for `highlights` with what is like `:words` marked."""


def highlights(row: Sequence[Any]) -> Mapping[str, Sequence[Part]]:
    """Return the fields of a row of `HIGHLIGHTED` in which something was found, as parts."""
    texts = zip(_TEXTS, row[-len(_TEXTS) :], strict=True)
    return {name: parts(text) for name, text in texts if text and _BEGIN in text}


def parts(text: str) -> Sequence[Part]:
    """Return the parts of a marked text."""
    before, *rest = text.split(_BEGIN)
    pieces = [Part(before, match=False)]
    for one in rest:
        match, _, after = one.partition(_END)
        pieces += [Part(match, match=True), Part(after, match=False)]
    return [piece for piece in pieces if piece.text]
