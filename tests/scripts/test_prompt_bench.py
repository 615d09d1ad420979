"""What the language model is asked stays small."""

from scripts.prompt_bench import CASES, LIMIT, measure, summary


def test_our_prompt_takes_less_than_two_fifths_of_the_naive_one() -> None:
    found = summary(measure(CASES))
    assert found["cases"] >= 30
    assert found["median_share"] <= LIMIT
    assert found["ours_highest"] < 3_000
