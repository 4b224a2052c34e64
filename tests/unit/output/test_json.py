import io
import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.rows import Rows
from crmcli.output.json import dump_lines, dump_rows, dumps
from tests.unit.output.hostile import FORBIDDEN, HOSTILE, WELCOME

text = st.text(st.characters(codec=None), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | text
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18)
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=12)


def read(told: str) -> Any:
    return json.loads(told, parse_float=Decimal)


def joined(value: Any) -> Any:
    """Join surrogate pairs as JSON readers do, since two lone halves side by side are one character there."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, list):
        return [joined(item) for item in value]
    if isinstance(value, dict):
        return {joined(key): joined(item) for key, item in value.items()}
    return value


@given(values, st.sampled_from([None, 0, 2]))
def test_the_standard_parser_reads_back_what_was_written(value: Any, indent: int | None) -> None:
    told = dumps(value, indent)
    assert joined(read(told)) == joined(value)
    assert not FORBIDDEN.search(told)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_round_trip(value: float) -> None:
    assert json.loads(dumps(value)) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("Infinity")])
def test_numbers_json_does_not_know_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a JSON number"):
        dumps(value)


def test_a_value_without_a_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        dumps({"a": object()})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal("90071992547409.93"), "90071992547409.93"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        ("Perché 東京", '"Perché 東京"'),
        ("\x1b\x7f\x9b\u202e\ud800\u2028", '"\\u001b\\u007f\\u009b\\u202e\\ud800\\u2028"'),
        ("\U000e0041", '"\\udb40\\udc41"'),
        ('"\\\n\r\t', '"\\"\\\\\\n\\r\\t"'),
        ({"a": [1, True, None], "b": {}}, '{"a": [1, true, null], "b": {}}'),
        ((), "[]"),
    ],
)
def test_the_written_form(value: object, told: str) -> None:
    assert dumps(value) == told


def test_indented_like_the_standard_library() -> None:
    value = {"a": [1, {"b": []}], "c": {}}
    assert dumps(value, 2) == json.dumps(value, indent=2)


@pytest.mark.parametrize("text", HOSTILE + WELCOME)
def test_hostile_text_comes_back_whole(text: str) -> None:
    assert read(dumps({text: text})) == {text: text}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_are_written_as_they_come(count: int) -> None:
    rows = [{"ref": f"L{number}", "amount": Decimal("1.50")} for number in range(count)]
    array: list[str] = []
    lines: list[str] = []
    assert dump_rows(iter(rows), array.append) == count
    assert dump_lines(iter(rows), lines.append) == count
    assert read("".join(array)) == rows
    assert [read(line) for line in "".join(lines).splitlines()] == rows


@given(st.lists(st.tuples(st.text(), st.none() | st.text(), st.integers() | st.lists(st.text(max_size=3)))))
def test_rows_held_by_column_are_written_like_others(cells: list[tuple[object, ...]]) -> None:
    keys = ("100 %s", "b", '"c"')
    rows = Rows({key: [row[place] for row in cells] for place, key in enumerate(keys)})
    for dump in (dump_rows, dump_lines):
        by_column, by_row = io.StringIO(), io.StringIO()
        assert dump(rows, by_column.write) == dump(list(rows), by_row.write) == len(cells)
        assert by_column.getvalue() == by_row.getvalue()
