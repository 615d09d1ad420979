"""What a language model proposed, read as candidates like the rules' own, and joined with them.

It may name a cause, a place and evidence. It gives no confidence, and whatever is not on our lists is dropped.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from shared.hypotheses.candidates import MAX_CITED, grounded
from shared.hypotheses.prompting import Prompt, visible
from shared.hypotheses.values import Candidate, CauseCode, EvidenceKind

FORM: Final = "root_causes"
MAX_PROPOSED: Final = 6
MAX_CLAIM: Final = 300
SOURCE: Final = "model"
BOTH: Final = "rules and model"

_IDS: Final = {"type": "array", "items": {"type": "string"}}
_FIELDS: Final[Mapping[str, Any]] = {
    "component": {"type": "string"},
    "cause_code": {"type": "string", "enum": [code.value for code in CauseCode]},
    "claim": {"type": "string"},
    "evidence_for": _IDS,
    "evidence_against": _IDS,
    "change": {"type": ["string", "null"]},
}
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "candidates": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": _FIELDS,
                "required": list(_FIELDS),
                "additionalProperties": False,
            },
        }
    },
    "required": ["candidates"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a language model proposed, if it was asked; `detail` says why not, or how it went.

    Where it has `answered`, now or to the same question before, no candidates are an answer, too.
    """

    candidates: tuple[Candidate, ...] = ()
    answered: bool = False
    detail: Mapping[str, Any]


RULES_ALONE: Final = Asked(detail={"asked": False, "why": "rules_alone"})
"""Nobody asks the model again by itself."""


class Malformed(ValueError):
    """The answer has not the form that was asked for; the text says where, and quotes nothing."""


def read_answer(text: str, prompt: Prompt) -> tuple[Candidate, ...]:
    """Return what was proposed and holds: known causes, components and evidence alone. Raises `Malformed`."""
    try:
        answer = json.loads(text)
    except ValueError:
        raise Malformed("it is not JSON") from None
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    proposed = answer.get("candidates") if isinstance(answer, dict) else None
    if not isinstance(proposed, list):
        raise Malformed("it has no list of candidates")
    found = [_candidate(one, prompt) for one in proposed[:MAX_PROPOSED]]
    return grounded((one for one in found if one is not None), prompt.evidence)


def merged(rules: Iterable[Candidate], model: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates of both, one for each component and cause; the rules' wording stands.

    The null candidate is one, wherever it is said to be. Equals come in the rules' order.
    """
    found = {_key(one): one for one in rules}
    for one in model:
        known = found.get(_key(one))
        found[_key(one)] = one if known is None else _joined(known, one)
    return tuple(found.values())


def _key(one: Candidate) -> tuple[str, CauseCode]:
    return ("" if one.cause_code is CauseCode.NONE else one.component, one.cause_code)


def _joined(first: Candidate, second: Candidate) -> Candidate:
    """Where they contradict each other about an item, the first one stands."""
    supporting = dict.fromkeys((*first.evidence_for, *second.evidence_for))
    speaking_against = dict.fromkeys((*first.evidence_against, *second.evidence_against))
    return replace(
        first,
        evidence_for=tuple(one for one in supporting if one not in first.evidence_against)[:MAX_CITED],
        evidence_against=tuple(
            one for one in speaking_against if one in first.evidence_against or one not in supporting
        )[:MAX_CITED],
        change_id=first.change_id or second.change_id,
        source=first.source if first.source == second.source else BOTH,
    )


def _candidate(proposed: object, prompt: Prompt) -> Candidate | None:
    """Read one proposal; None where its cause or component is none of ours. Raises `Malformed`."""
    if not isinstance(proposed, dict):
        raise Malformed("a candidate is no object")
    component = prompt.components.get(_text(proposed, "component"))
    code = _text(proposed, "cause_code")
    if component is None or code not in set(CauseCode):
        return None
    supporting = _ids(proposed, "evidence_for")
    return Candidate(
        component=component,
        cause_code=CauseCode(code),
        claim=visible(_text(proposed, "claim"), MAX_CLAIM),
        evidence_for=supporting,
        evidence_against=tuple(one for one in _ids(proposed, "evidence_against") if one not in supporting),
        change_id=_change(proposed.get("change"), prompt),
        source=SOURCE,
    )


def _text(proposed: Mapping[str, Any], name: str) -> str:
    if not isinstance(found := proposed.get(name), str):
        raise Malformed(f"{name} is no text")
    return found


def _ids(proposed: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = proposed.get(name)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Malformed(f"{name} is no list of ids")
    return tuple(dict.fromkeys(found))[:MAX_CITED]


def _change(named: object, prompt: Prompt) -> str | None:
    """The change that an item shows; a name of anything else is dropped."""
    changes = {item.id: item.change_id for item in prompt.evidence if item.kind is EvidenceKind.CHANGE}
    return changes.get(named) if isinstance(named, str) else None
