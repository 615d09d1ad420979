"""What a model says, held to what is known."""

import json
from typing import Any

import pytest

from shared.hypotheses.evidence import collect
from shared.hypotheses.model_candidates import SCHEMA, Malformed, merged, read_answer
from shared.hypotheses.prompting import Prompt, prompt_of
from shared.hypotheses.values import Candidate, CauseCode
from tests.shared.hypotheses.cases import alert, case

GOOD = {
    "component": "checkout",
    "cause_code": "disk_full",
    "claim": "The disk is full.",
    "evidence_for": ["E1"],
    "evidence_against": [],
    "change": None,
}


@pytest.fixture
def prompt() -> Prompt:
    of = case(alert("HighErrorRate"), alert("PodRestarts", service="cart", minute=3))
    return prompt_of(of, collect(of))


def said(*candidates: Any) -> str:
    return json.dumps({"candidates": list(candidates)})


def test_what_holds_is_a_candidate_like_the_rules_own(prompt: Prompt) -> None:
    (found,) = read_answer(said(GOOD), prompt)
    assert found == Candidate(
        component="checkout",
        cause_code=CauseCode.DISK_FULL,
        claim="The disk is full.",
        evidence_for=("E1",),
        source="model",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"component": "nowhere"},
        {"cause_code": "gremlins"},
        {"evidence_for": []},
        {"evidence_for": ["E1", "E99"]},
        {"evidence_for": ["e1"]},
        {"evidence_against": ["E99"]},
    ],
    ids=str,
)
def test_what_is_not_on_our_lists_is_dropped(prompt: Prompt, wrong: dict[str, Any]) -> None:
    assert read_answer(said(GOOD | wrong), prompt) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The disk is full.",
        "[]",
        "{}",
        '{"candidates": {}}',
        said("text"),
        said(GOOD | {"claim": 1}),
        said(GOOD | {"evidence_for": "E1"}),
        said(GOOD | {"evidence_for": [1]}),
        said({}),
        "[" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_another_form_is_malformed(prompt: Prompt, text: str) -> None:
    with pytest.raises(Malformed):
        read_answer(text, prompt)


def test_a_confidence_is_not_listened_to(prompt: Prompt) -> None:
    assert read_answer(said(GOOD | {"confidence": 1.0}), prompt) == read_answer(said(GOOD), prompt)


def test_a_change_is_one_that_an_item_shows(prompt: Prompt) -> None:
    (found,) = read_answer(said(GOOD | {"change": "E1"}), prompt)
    assert found.change_id is None


def test_a_claim_is_one_short_visible_line_without_secrets(prompt: Prompt) -> None:
    claim = "It is\nfull\u202e, password=hunter2 " + "x" * 1_000
    (found,) = read_answer(said(GOOD | {"claim": claim}), prompt)
    assert found.claim.startswith("It is full , password=[masked] xxx")
    assert len(found.claim) == 300


def test_one_component_and_cause_is_one_candidate_with_the_rules_wording() -> None:
    rules = Candidate(
        component="a", cause_code=CauseCode.DISK_FULL, claim="Ours", evidence_for=("E1",), evidence_against=("E3",)
    )
    model = Candidate(
        component="a",
        cause_code=CauseCode.DISK_FULL,
        claim="Theirs",
        evidence_for=("E2", "E3"),
        evidence_against=("E1", "E4"),
        change_id="c",
        source="model",
    )
    (found,) = merged([rules], [model])
    assert (found.claim, found.source, found.change_id) == ("Ours", "rules and model", "c")
    assert (found.evidence_for, found.evidence_against) == (("E1", "E2"), ("E3", "E4"))


def test_there_is_one_null_candidate_wherever_it_is_said_to_be() -> None:
    null = [
        Candidate(component=name, cause_code=CauseCode.NONE, claim="", evidence_for=("E1",), source=source)
        for name, source in (("a", "rules"), ("b", "model"))
    ]
    (found,) = merged(null[:1], null[1:])
    assert found.component == "a"


def test_the_schema_is_strict_as_providers_want_it() -> None:
    item = SCHEMA["properties"]["candidates"]["items"]
    for one in (SCHEMA, item):
        assert one["additionalProperties"] is False
        assert set(one["required"]) == set(one["properties"])
    assert set(item["properties"]["cause_code"]["enum"]) == set(CauseCode)
