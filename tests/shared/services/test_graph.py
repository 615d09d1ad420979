"""Walks over calls between services, which may go in circles."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.services.graph import calls_of, downstream, neighbourhood, reversed_calls

SHOP = calls_of([("web", "cart"), ("cart", "checkout"), ("checkout", "db"), ("db", "disk"), ("web", "search")])
names = st.sampled_from("abcdef")
graphs = st.lists(st.tuples(names, names)).map(calls_of)


def test_downstream_gives_the_way_to_each() -> None:
    assert downstream(SHOP, "cart") == {
        "checkout": ("cart", "checkout"),
        "db": ("cart", "checkout", "db"),
        "disk": ("cart", "checkout", "db", "disk"),
    }


def test_a_walk_ends_at_its_depth() -> None:
    assert set(downstream(SHOP, "web")) == {"cart", "search", "checkout", "db"}
    assert set(downstream(SHOP, "web", depth=1)) == {"cart", "search"}
    assert "disk" not in downstream(SHOP, "web")
    assert downstream(SHOP, "web", depth=4)["disk"][-1] == "disk"


def test_the_shortest_way_counts() -> None:
    calls = calls_of([("a", "b"), ("b", "c"), ("a", "c")])
    assert downstream(calls, "a")["c"] == ("a", "c")


def test_neighbours_are_on_both_sides_and_ways_begin_at_the_caller() -> None:
    near = neighbourhood(SHOP, "checkout", depth=2)
    assert near == {
        "web": ("web", "cart", "checkout"),
        "cart": ("cart", "checkout"),
        "db": ("checkout", "db"),
        "disk": ("checkout", "db", "disk"),
    }


def test_circles_end() -> None:
    circle = calls_of([("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")])
    assert downstream(circle, "a", depth=10) == {"b": ("a", "b"), "c": ("a", "b", "c")}
    assert neighbourhood(circle, "a")["c"] == ("a", "b", "c")


def test_nothing_is_near_what_nobody_knows() -> None:
    assert neighbourhood(SHOP, "unheard of") == {}


@given(graphs, names, st.integers(1, 5))
def test_ways_are_calls_and_no_longer_than_asked(calls: dict[str, set[str]], start: str, depth: int) -> None:
    for end, way in downstream(calls, start, depth).items():
        assert (way[0], way[-1]) == (start, end)
        assert len(way) - 1 <= depth
        assert all(after in calls[before] for before, after in pairwise(way))


@given(graphs, names, names, st.integers(1, 5))
def test_who_depends_is_who_is_depended_on_the_other_way(
    calls: dict[str, set[str]], one: str, other: str, depth: int
) -> None:
    there = downstream(calls, one, depth).get(other, ())
    back = downstream(reversed_calls(calls), other, depth).get(one, ())
    assert len(there) == len(back)
