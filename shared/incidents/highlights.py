"""What of a text a search has found, as parts of the text: no markup that a reader could mistake for its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

from shared.platform.text_search import ENGLISH

_BEGIN: Final = "\ue000"  # of Unicode's private use, and taken out of the text before
_END: Final = "\ue001"
_MARKS: Final = f"StartSel={_BEGIN}, StopSel={_END}"
_WHOLE: Final = f"{_MARKS}, HighlightAll=true"
_EXCERPT: Final = f"{_MARKS}, MinWords=10, MaxWords=30, MaxFragments=2, FragmentDelimiter=' … '"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is what was looked for."""

    text: str
    match: bool


def marked(
    said: InstrumentedAttribute[str] | ColumnElement[str], words: ColumnElement[Any], *, excerpt: bool = False
) -> ColumnElement[Any]:
    """Return a text with its matches marked, or only the pieces around them, for `parts` to read."""
    text = func.translate(said, _BEGIN + _END, "")
    return func.ts_headline(ENGLISH, text, words, _EXCERPT if excerpt else _WHOLE)


def parts(text: str) -> Sequence[Part]:
    """Return the parts of a marked text; none when nothing is marked."""
    if _BEGIN not in text:
        return ()
    before, *rest = text.split(_BEGIN)
    pieces = [Part(before, match=False)]
    for one in rest:
        match, _, after = one.partition(_END)
        pieces += [Part(match, match=True), Part(after, match=False)]
    return [piece for piece in pieces if piece.text]
