from itertools import pairwise

from scripts.evaluation.fitting import GROUP, fit


def test_the_table_never_falls_and_spans_everything() -> None:
    judged = [(i / 100, i % 3 == 0) for i in range(100)]
    table = fit(judged)
    assert (table[0], table[-1]) == ((0, 0), (1, 1))
    assert all(left < right and low <= high for (left, low), (right, high) in pairwise(table))


def test_scores_that_were_mostly_right_are_worth_more() -> None:
    table = dict(fit([(0.4, True)] * (4 * GROUP) + [(0.1, False)] * (4 * GROUP)))
    assert table[0.4] > 0.6
    assert table[0.1] < 0.1


def test_few_cases_change_little() -> None:
    ((_, _), (score, worth), (_, _)) = fit([(0.4, True)])
    assert (score, round(worth, 2)) == (0.4, 0.45)
