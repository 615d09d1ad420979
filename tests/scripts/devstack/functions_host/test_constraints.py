import pytest

from scripts.devstack.functions_host.constraints import constraint


@pytest.mark.parametrize(
    ("text", "accepted", "refused"),
    [
        ("int", ["7", "-2147483648", "+5"], ["2147483648", "1.0", "x", ""]),
        ("long", ["9223372036854775807"], ["9223372036854775808", "x"]),
        ("bool", ["true", "FALSE"], ["1", "yes"]),
        (
            "guid",
            [
                "d2719b3a-6d5c-4e0e-9d11-2f4f8a9d7c11",
                "{d2719b3a-6d5c-4e0e-9d11-2f4f8a9d7c11}",
                "(d2719b3a-6d5c-4e0e-9d11-2f4f8a9d7c11)",
            ],
            ["d2719b3a", "x"],
        ),
        ("datetime", ["2026-11-21", "2026-11-21T10:00:00Z"], ["soon"]),
        ("decimal", ["1.5", "-1,000.25"], ["1e3", "x"]),
        ("double", ["1.5", "1e3"], ["x"]),
        ("float", ["1.5", "1e3", ".5"], ["x"]),
        ("alpha", ["abcXYZ"], ["a1", "a-b"]),
        ("required", ["x"], [""]),
        (r"regex(^\d{3}-\d$)", ["123-4"], ["1234", "123-45"]),
        ("regex(b)", ["aBc"], ["ac"]),
        ("length(3)", ["abc"], ["ab", "abcd"]),
        ("length(2,3)", ["ab", "abc"], ["a", "abcd"]),
        ("minlength(2)", ["ab"], ["a"]),
        ("maxlength(2)", ["ab"], ["abc"]),
        ("min(18)", ["18", "200"], ["17", "x"]),
        ("max(120)", ["120", "-5"], ["121"]),
        ("range(18,120)", ["18", "120"], ["17", "121"]),
        ("INT", ["7"], ["x"]),
    ],
)
def test_a_constraint_accepts_what_asp_net_core_accepts(text: str, accepted: list[str], refused: list[str]) -> None:
    check = constraint(text)
    assert [value for value in accepted if not check(value)] == []
    assert [value for value in refused if check(value)] == []


@pytest.mark.parametrize("text", ["unknown", "min", "int(5)", "min(x)", "length(1,2,3)", "regex([)"])
def test_a_constraint_that_does_not_exist_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        constraint(text)
