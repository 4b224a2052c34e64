"""The grammar and its bounds, and errors that point at the right character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.conditions.parser import MAX_DEPTH, MAX_NODES, parse
from crmcli.conditions.tokens import MAX_BYTES, Source
from crmcli.conditions.tree import And, Call, Comparison, Leaf, Not, Or, Path, Tree, Value
from crmcli.errors import ConditionError


def parsed(text: str) -> Tree[Leaf]:
    return parse(Source(text))


def comparison(path: str, position: int, op: str, at: int, *values: Value) -> Comparison:
    return Comparison(Path(tuple(path.split(".")), position), op, values, at)


def every(*parts: Tree[Leaf]) -> Tree[Leaf]:
    return And(parts)


def some(*parts: Tree[Leaf]) -> Tree[Leaf]:
    return Or(parts)


def bare(name: str, position: int) -> Comparison:
    return comparison(name, position, "true", position)


def test_and_binds_tighter_than_or() -> None:
    assert parsed("a or b and c") == some(bare("a", 0), every(bare("b", 5), bare("c", 11)))


def test_not_binds_tightest_and_parentheses_group() -> None:
    assert parsed("not a and (b or c)") == every(Not(bare("a", 4)), some(bare("b", 11), bare("c", 16)))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a = 1", comparison("a", 0, "=", 2, Value("1", 4))),
        ("a>=-3", comparison("a", 0, ">=", 1, Value("-3", 3))),
        ("a != x", Not(comparison("a", 0, "=", 2, Value("x", 5)))),
        ("a !~ x", Not(comparison("a", 0, "~", 2, Value("x", 5)))),
        ("o.c = 'a \"b\"'", comparison("o.c", 0, "=", 4, Value('a "b"', 6, True))),
        ("a IN [x, 'y z']", comparison("a", 0, "in", 2, Value("x", 6), Value("y z", 9, True))),
        ("a not in [x]", Not(comparison("a", 0, "in", 2, Value("x", 10)))),
        ("a has x", comparison("a", 0, "has", 2, Value("x", 6))),
        ("a not has [x,y]", Not(comparison("a", 0, "has", 2, Value("x", 11), Value("y", 13)))),
        ("a is Empty", comparison("a", 0, "empty", 2)),
        ("a is not empty", Not(comparison("a", 0, "empty", 2))),
        ("a between 1 and 2", comparison("a", 0, "between", 2, Value("1", 10), Value("2", 16))),
        ("a = 10k EUR", comparison("a", 0, "=", 2, Value("10k", 4, False, Value("EUR", 8)))),
        ("a = anna@example.com", comparison("a", 0, "=", 2, Value("anna@example.com", 4))),
        ("changed(a)", Call("changed", Path(("a",), 8), None, 0)),
        ("Entered( a , b )", Call("entered", Path(("a",), 9), Value("b", 13), 0)),
    ],
)
def test_forms(text: str, tree: Tree[Leaf]) -> None:
    assert parsed(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("", 0, "the condition is empty"),
        ("   ", 3, "the condition is empty"),
        ("a = ", 4, "expected a value at the end"),
        ("a = and", 4, "expected a value instead of the keyword 'and'"),
        ("a = 'x", 4, "the quote ' is not closed"),
        ("a = x y", 6, "expected 'and' or 'or' before 'y'"),
        ("(a = x", 6, "expected ')' at the end"),
        ("a = x)", 5, "expected 'and' or 'or' before ')'"),
        ("a ! x", 2, "unexpected '!'"),
        ("a in x", 5, "expected '[' instead of 'x'"),
        ("a in []", 6, "expected a value instead of ']'"),
        ("a in [x, ]", 9, "expected a value instead of ']'"),
        ("a is x", 5, "expected 'empty'"),
        ("a not x", 6, "expected 'in' or 'has'"),
        ("a between 1 or 2", 12, "expected 'and'"),
        ("= x", 0, "expected a field instead of '='"),
        ("a and or b", 6, "expected a field instead of 'or'"),
        ("a..b = 1", 0, "'a..b' is not a field"),
        ("a.b.c.d = 1", 0, "'a.b.c.d' goes further than two records away"),
        ("sum(a)", 0, "there is no function 'sum'"),
        ("entered(a)", 9, "expected ',' instead of ')'"),
        ("a = \ud800", 4, "a character that is not valid Unicode"),
    ],
)
def test_errors_point_at_the_first_thing_that_does_not_fit(text: str, position: int, problem: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parsed(text)
    assert (caught.value.position, caught.value.problem) == (position, problem)
    assert caught.value.exit_code == 2


def test_depth_is_bounded() -> None:
    assert parsed("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == parsed(" " * MAX_DEPTH + "a")
    for text in ("(" * (MAX_DEPTH + 1) + "a", "not " * (MAX_DEPTH + 1) + "a"):
        with pytest.raises(ConditionError, match="nested deeper"):
            parsed(text)


def test_size_is_bounded() -> None:
    parsed(" or ".join(["a"] * MAX_NODES))
    with pytest.raises(ConditionError, match="more than 1,000 parts"):
        parsed(" or ".join(["a"] * (MAX_NODES + 1)))
    with pytest.raises(ConditionError, match="more than 1,000 parts"):
        parsed(f"a in [{','.join('x' * MAX_NODES)}]")
    with pytest.raises(ConditionError, match="longer than 8,192 bytes"):
        parsed("a = '" + "è" * (MAX_BYTES // 2) + "'")


@pytest.mark.parametrize("part", ["(", "not ", "[", "a.", "not("])
@pytest.mark.parametrize("times", [1_000, 10_000])
def test_bombs_are_refused(part: str, times: int) -> None:
    with pytest.raises(ConditionError):
        parsed(part * times)


PIECES = ["(", ")", "[", "]", ",", "not", "and", "or", "is", "empty", "in", "has", "between", "=", "!=", "~", "<", "!"]
PIECES += ["a", "a.b", "'x'", '"', "10k", "EUR", "changed(", "old.a", "\t", "è", "\ud800"]


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_any_text_is_a_condition_or_the_language_s_own_error(text: str) -> None:
    try:
        parsed(text)
    except ConditionError as error:
        assert 0 <= error.position <= len(text)
